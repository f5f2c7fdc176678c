package dev.jbuild.network;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.DnsSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host's own network: no namespace, no address, no rule, and the host's resolver unless the
 * build names another.
 */
public final class HostNetwork implements NetworkProvider {
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final int MAX_BYTES = 64 * 1024;

  private final String notice;

  /** One whose host's network is the machine's, as far as is known. */
  public HostNetwork() {
    this("");
  }

  /**
   * @param notice for the log of each step, as of {@link DaemonNamespace}; may be empty
   */
  public HostNetwork(String notice) {
    this.notice = notice;
  }

  @Override
  public NetworkHandle open(NetworkRequest request) throws IOException {
    if (!request.plan().egress().isEmpty()) {
      throw new BuildException(
          Code.INVALID, request.plan().egress().refusedInHostNetwork("a step"));
    }
    return new Handle(resolvConf(request.plan().dns()), notice);
  }

  private static @Nullable String resolvConf(DnsSettings dns) throws IOException {
    if (dns.equals(DnsSettings.NONE)) {
      return null;
    }
    String host = "";
    try (var in = Files.newInputStream(RESOLV_CONF)) {
      host = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      // The host names no resolver; then the build's settings are all there is.
    }
    return HostResolvConf.of(host, dns);
  }

  private record Handle(@Nullable String resolvConf, String notice) implements NetworkHandle {
    @Override
    public NetMode mode() {
      return NetMode.HOST;
    }

    @Override
    public @Nullable String namespacePath() {
      return null;
    }

    @Override
    public List<String> addresses() {
      return List.of();
    }

    @Override
    public List<String> hostGateway() {
      return List.of("127.0.0.1");
    }

    @Override
    public void close() {}
  }
}
