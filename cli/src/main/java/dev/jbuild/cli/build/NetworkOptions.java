package dev.jbuild.cli.build;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flags about the network of steps, as typed.
 *
 * @param mode of {@code --network}, null when not said
 * @param addHosts {@code name:ip} each
 * @param egress one or several rules each, separated by commas
 * @param report the file of {@code --network-report}, {@code -} for standard output, or null
 */
public record NetworkOptions(
    @Nullable String mode,
    List<String> addHosts,
    List<String> dns,
    List<String> dnsSearch,
    List<String> dnsOptions,
    List<String> egress,
    @Nullable String report) {

  /** Nothing is said. */
  public static final NetworkOptions NONE =
      new NetworkOptions(null, List.of(), List.of(), List.of(), List.of(), List.of(), null);

  public NetworkOptions {
    addHosts = List.copyOf(addHosts);
    dns = List.copyOf(dns);
    dnsSearch = List.copyOf(dnsSearch);
    dnsOptions = List.copyOf(dnsOptions);
    egress = List.copyOf(egress);
  }
}
