package dev.jbuild.cli;

/** Flags of docker build that jbuild knows of and does not offer yet. */
final class LaterFlags {
  private LaterFlags() {}

  /** A sentence about the flag, or empty if it is unknown. */
  static String sentence(String flag) {
    return switch (flag) {
      case "--cache-from", "--cache-to" ->
          flag + " comes with the remote cache and is not offered yet";
      case "--load" -> flag + " is not offered; use -o type=docker,dest=- and pipe to docker load";
      case "--attest", "--provenance", "--sbom" ->
          flag + " comes with attestations and is not offered yet";
      case "--no-cache-filter", "--annotation", "--cgroup-parent", "--resource", "--memory" ->
          flag + " is not offered yet";
      case "--builder" -> flag + " is buildx's; use --addr to choose a daemon";
      default -> "";
    };
  }
}
