package dev.jbuild.cli;

import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.engine.TlsOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options that every command takes.
 *
 * @param address of a daemon, null for the engine in this process
 * @param tls to the daemon, null for none
 * @param root the state directory of the engine in this process
 */
record Globals(
    @Nullable String address,
    @Nullable TlsOptions tls,
    Path root,
    @Nullable Path config,
    boolean debug) {
  static final String DEFAULT_ROOT = "/var/lib/jbuild";

  static void addTo(CommandSpec spec) {
    spec.addOption(
        option(
            "--addr",
            "ADDRESS",
            "daemon to use, unix://PATH or tcp://HOST:PORT ($JBUILD_HOST, $BUILDKIT_HOST)"));
    spec.addOption(option("--tlscacert", "FILE", "who signs the daemon's certificate, PEM"));
    spec.addOption(option("--tlscert", "FILE", "certificate to show to the daemon, PEM"));
    spec.addOption(option("--tlskey", "FILE", "its key, PEM"));
    spec.addOption(option("--tlsdir", "DIR", "of ca.pem, cert.pem and key.pem"));
    spec.addOption(option("--tlsservername", "NAME", "that the daemon's certificate is for"));
    spec.addOption(OptionSpec.builder("--timeout").type(String.class).hidden(true).build());
    spec.addOption(
        option("--root", "DIR", "state directory when no daemon is used ($JBUILD_ROOT)"));
    spec.addOption(
        option("--config", "FILE", "configuration when no daemon is used ($JBUILD_CONFIG)"));
    spec.addOption(
        OptionSpec.builder("-D", "--debug").description("show causes of errors").build());
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("show this text").build());
  }

  private static OptionSpec option(String name, String label, String description) {
    return OptionSpec.builder(name)
        .paramLabel(label)
        .type(String.class)
        .description(description)
        .build();
  }

  static Globals of(ParseResult parsed, CliContext context) {
    Map<String, String> env = context.env();
    String address = DaemonAddress.of(value(parsed, "--addr", null), env);
    String root = value(parsed, "--root", env.get("JBUILD_ROOT"));
    String config = value(parsed, "--config", env.get("JBUILD_CONFIG"));
    return new Globals(
        address,
        TlsFlags.of(address, name -> value(parsed, name, null), context.directory()),
        context.directory().resolve(root == null ? DEFAULT_ROOT : root).normalize(),
        config == null ? null : context.directory().resolve(config),
        parsed.hasMatchedOption("--debug"));
  }

  private static @Nullable String value(
      ParseResult parsed, String name, @Nullable String otherwise) {
    String given = parsed.matchedOptionValue(name, (String) null);
    String value = given == null ? otherwise : given;
    return value == null || value.isEmpty() ? null : value;
  }

  /** The engine that was chosen; the grants count only in this process. */
  Engines.Choice choice(SortedSet<String> grants) {
    return address == null
        ? new Engines.InProcess(root, config, grants)
        : new Engines.Daemon(address, tls);
  }

  /** For the first line: {@code in this process} or the address. */
  String place() {
    return address == null ? "in this process, state in " + root : "by " + address;
  }
}
