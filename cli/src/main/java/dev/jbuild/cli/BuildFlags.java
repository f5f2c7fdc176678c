package dev.jbuild.cli;

import dev.jbuild.cli.build.BuildOptions;
import dev.jbuild.cli.build.BuildOptions.ProgressMode;
import dev.jbuild.cli.build.CallFlag;
import dev.jbuild.cli.build.NetworkOptions;
import dev.jbuild.cli.build.StepLimits;
import dev.jbuild.cli.build.Suggestion;
import dev.jbuild.cli.build.UsageException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * The flags of {@code jbuild build}, made by calls and not by annotations: a parser that reads
 * annotations costs more than the rest of the start.
 */
final class BuildFlags {
  private BuildFlags() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description("Build an image from a Dockerfile.")
        .optionListHeading("%nOptions:%n")
        .sortOptions(true)
        .abbreviateSynopsis(true);
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("PATH|-")
            .index("0..*")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("context directory, or - for a Dockerfile or a tar on standard input")
            .build());
    value(spec, "FILE", "the Dockerfile, - for standard input (PATH/Dockerfile)", "-f", "--file");
    many(spec, "NAME", "name and tag in the image store", "-t", "--tag");
    value(spec, "STAGE", "stage to build", "--target");
    many(spec, "K=V", "build argument; K alone takes the environment's value", "--build-arg");
    many(
        spec,
        "NAME=VALUE",
        "named context: directory, docker-image://, oci-layout://",
        "--build-context");
    networkFlags(spec);
    flag(spec, "do not use cached results", "--no-cache");
    many(spec, "STAGE", "do not use cached results of these stages", "--no-cache-filter");
    flag(spec, "ask registries for newer base images", "--pull");
    many(spec, "OUTPUT", "DIR, - or type=oci|docker|tar|local|image,dest=PATH", "-o", "--output");
    flag(spec, "push the image to its registry; the same as -o type=image,push=true", "--push");
    many(spec, "K=V", "label of the image", "--label");
    many(spec, "OS/ARCH", "platforms, comma separated", "--platform");
    many(spec, "NAME=SOFT[:HARD]", "resource limit of RUN steps", "--ulimit");
    value(spec, "SIZE", "size of /dev/shm in RUN steps: 64m", "--shm-size");
    value(spec, "PATH", "control group that the groups of RUN steps lie in", "--cgroup-parent");
    many(
        spec,
        "KEY=VALUE",
        "limits of RUN steps: memory=512m, memory-swap=, cpu-shares=, cpu-period=, cpu-quota=,"
            + " cpuset-cpus=, cpuset-mems=",
        "--resource");
    value(spec, "KIND", "auto, plain, tty, quiet ($JBUILD_PROGRESS)", "--progress");
    flag(spec, "print only the image id", "-q", "--quiet");
    value(spec, "FILE", "write the build's result as JSON", "--metadata-file");
    value(spec, "FILE", "write the image id", "--iidfile");
    flag(spec, "check the Dockerfile and build nothing; the same as --call=check", "--check");
    value(
        spec,
        "KIND",
        "build, or an answer about the Dockerfile: check, outline, targets; ,format=json",
        "--call");
    many(spec, "SECRET", "secret for RUN: id=ID,src=FILE or id=ID,env=VARIABLE", "--secret");
    value(
        spec,
        "FILE",
        "rules about base images and other sources, as JSON"
            + " ($EXPERIMENTAL_BUILDKIT_SOURCE_POLICY)",
        "--source-policy-file");
    many(spec, "AGENT", "ssh agent for RUN: default, ID=SOCKET or ID=KEYFILE", "--ssh");
    return spec;
  }

  private static void networkFlags(CommandSpec spec) {
    value(
        spec,
        "MODE",
        "network of RUN steps: default and bridge (isolated), host (the host's own), none",
        "--network");
    many(
        spec,
        "GRANT",
        "entitlement: network.host, network.host=ADDRESS:PORT[-PORT] for ports of the host at the"
            + " steps' localhost, security.insecure, buildx.local.delete for outputs with"
            + " mode=delete; several times or comma separated",
        "--allow");
    many(
        spec,
        "NAME:IP",
        "line of /etc/hosts in RUN steps; the address host-gateway is the host's",
        "--add-host");
    many(spec, "ADDRESS", "resolver of RUN steps instead of the host's", "--dns");
    many(spec, "DOMAIN", "domain that short names are tried in", "--dns-search");
    many(spec, "OPTION", "option of resolv.conf: ndots:2", "--dns-option");
    many(
        spec,
        "RULE",
        "what RUN steps may reach, first match counts: allow=example.org:443,deny=*",
        "--egress");
    value(
        spec,
        "FILE",
        "write what each step did in the network as JSON, - for standard output",
        "--network-report");
  }

  static BuildOptions read(ParseResult parsed, @Nullable String progressFromEnv) {
    List<String> paths = parsed.matchedPositionalValue(0, List.<String>of());
    if (paths.isEmpty()) {
      throw new UsageException("no context given: name a directory, such as '.'");
    }
    if (paths.size() > 1) {
      throw new UsageException(
          "one context wanted, got " + paths.size() + ": '" + String.join("' '", paths) + "'");
    }
    return new BuildOptions(
        paths.get(0),
        string(parsed, "--file"),
        strings(parsed, "--tag"),
        string(parsed, "--target"),
        strings(parsed, "--build-arg"),
        strings(parsed, "--build-context"),
        network(parsed),
        strings(parsed, "--allow"),
        on(parsed, "--no-cache"),
        strings(parsed, "--no-cache-filter"),
        on(parsed, "--pull"),
        strings(parsed, "--output"),
        on(parsed, "--push"),
        strings(parsed, "--label"),
        strings(parsed, "--platform"),
        new StepLimits(
            strings(parsed, "--ulimit"),
            string(parsed, "--shm-size"),
            string(parsed, "--cgroup-parent"),
            strings(parsed, "--resource")),
        progress(parsed, progressFromEnv),
        string(parsed, "--metadata-file"),
        string(parsed, "--iidfile"),
        strings(parsed, "--secret"),
        strings(parsed, "--ssh"),
        call(parsed),
        string(parsed, "--source-policy-file"));
  }

  private static CallFlag call(ParseResult parsed) {
    String call = string(parsed, "--call");
    if (!on(parsed, "--check")) {
      return call == null ? CallFlag.BUILD : CallFlag.parse(call);
    }
    if (call != null && CallFlag.parse(call).kind() != CallFlag.Kind.CHECK) {
      throw new UsageException("--check and --call=" + call + " exclude each other");
    }
    return call == null ? CallFlag.CHECK : CallFlag.parse(call);
  }

  private static NetworkOptions network(ParseResult parsed) {
    return new NetworkOptions(
        string(parsed, "--network"),
        strings(parsed, "--add-host"),
        strings(parsed, "--dns"),
        strings(parsed, "--dns-search"),
        strings(parsed, "--dns-option"),
        strings(parsed, "--egress"),
        string(parsed, "--network-report"));
  }

  private static ProgressMode progress(ParseResult parsed, @Nullable String fromEnv) {
    String given = string(parsed, "--progress");
    if (on(parsed, "--quiet")) {
      if (given != null && !given.equals("quiet") && !given.equals("auto")) {
        throw new UsageException("--progress=" + given + " and --quiet exclude each other");
      }
      return ProgressMode.QUIET;
    }
    String word = given == null ? fromEnv == null ? "auto" : fromEnv : given;
    return switch (word) {
      case "auto", "" -> ProgressMode.AUTO;
      case "plain" -> ProgressMode.PLAIN;
      case "tty" -> ProgressMode.TTY;
      case "quiet", "none" -> ProgressMode.QUIET;
      default ->
          throw new UsageException(
              "--progress: unknown kind '"
                  + word
                  + "'"
                  + Suggestion.of(word, List.of("auto", "plain", "tty", "quiet"))
                  + "; known are auto, plain, tty, quiet");
    };
  }

  private static void value(CommandSpec spec, String label, String text, String... names) {
    spec.addOption(
        OptionSpec.builder(names).paramLabel(label).type(String.class).description(text).build());
  }

  private static void many(CommandSpec spec, String label, String text, String... names) {
    spec.addOption(
        OptionSpec.builder(names)
            .paramLabel(label)
            .arity("1")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(text)
            .build());
  }

  private static void flag(CommandSpec spec, String text, String... names) {
    spec.addOption(
        OptionSpec.builder(names)
            .arity("0..1")
            .type(boolean.class)
            .fallbackValue("true")
            .hideParamSyntax(true)
            .description(text)
            .build());
  }

  private static @Nullable String string(ParseResult parsed, String name) {
    return parsed.matchedOptionValue(name, (String) null);
  }

  private static List<String> strings(ParseResult parsed, String name) {
    return parsed.matchedOptionValue(name, List.<String>of());
  }

  private static boolean on(ParseResult parsed, String name) {
    return parsed.matchedOptionValue(name, Boolean.FALSE);
  }
}
