package dev.jbuild.cli.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.session.direct.AgentSource;
import dev.jbuild.sourcepolicy.SourcePolicy;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a command line asks for, checked as far as the client can.
 *
 * @param attrs options of the Dockerfile frontend by wire name
 * @param directories the client's directories by the name of the local source
 * @param layouts the client's OCI layouts by the id of the store
 * @param outputs in the order of the exporters' indexes
 * @param entitlements granted by the caller, by id
 * @param secrets what the client offers to steps, by id
 * @param agents that the client offers to steps, by id
 * @param sourcePolicy rules about the build's sources, null for none
 */
public record BuildPlan(
    Map<String, String> attrs,
    Dockerfile dockerfile,
    Context context,
    Map<String, Path> directories,
    Map<String, Path> layouts,
    List<OutputSpec> outputs,
    SortedSet<String> entitlements,
    Map<String, SecretSpec> secrets,
    Map<String, AgentSource> agents,
    @Nullable SourcePolicy sourcePolicy) {

  public BuildPlan {
    attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
    directories = Collections.unmodifiableMap(new TreeMap<>(directories));
    layouts = Collections.unmodifiableMap(new TreeMap<>(layouts));
    outputs = List.copyOf(outputs);
    entitlements = Collections.unmodifiableSortedSet(new TreeSet<>(entitlements));
    secrets = Collections.unmodifiableMap(new TreeMap<>(secrets));
    agents = Collections.unmodifiableMap(new TreeMap<>(agents));
  }

  /** Where the Dockerfile's text is. */
  public sealed interface Dockerfile {
    /** The file's own name. */
    String name();
  }

  /** A file that exists. */
  public record DockerfileAt(Path directory, String name) implements Dockerfile {}

  /** A file of the context, which the daemon fetches. */
  public record DockerfileInContext(String name) implements Dockerfile {}

  /** Text that came over standard input. */
  public record DockerfileText(String name, Bytes text) implements Dockerfile {}

  /** What COPY and ADD see. */
  public sealed interface Context {}

  /** A directory, offered as the local source {@code context}. */
  public record ContextDirectory(Path directory) implements Context {}

  /** A repository or an archive that the daemon fetches. */
  public record RemoteContext(String url) implements Context {}

  /**
   * A tar on standard input, unpacked by {@link UnpackedContext} before the build.
   *
   * @param content from its first byte on
   */
  public record ArchiveOnInput(InputStream content) implements Context {}

  /** Nothing: the Dockerfile came alone over standard input. */
  public record EmptyContext() implements Context {}
}
