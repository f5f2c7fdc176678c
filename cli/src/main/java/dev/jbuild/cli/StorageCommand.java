package dev.jbuild.cli;

import dev.jbuild.cli.build.Sizes;
import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.progress.Figures;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild du} and {@code jbuild prune}: what the cache holds, and less of it. */
final class StorageCommand implements Command {
  private static final int SHORT_ID = 25;
  private static final Comparator<Engine.Kept> LARGEST =
      Comparator.comparingLong(Engine.Kept::sizeBytes).reversed().thenComparing(Engine.Kept::id);

  private final boolean prunes;

  private StorageCommand(boolean prunes) {
    this.prunes = prunes;
  }

  static StorageCommand du() {
    return new StorageCommand(false);
  }

  static StorageCommand prune() {
    return new StorageCommand(true);
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            prunes
                ? "Remove from the cache what no build uses and no image holds."
                : "Show what the cache holds, the largest first.");
    spec.addOption(
        OptionSpec.builder("--filter", "-f")
            .paramLabel("FILTER")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("only these, such as type==exec.cachemount; may be repeated")
            .build());
    if (prunes) {
      spec.addOption(
          OptionSpec.builder("--all", "-a").description("also what is shared or internal").build());
      spec.addOption(
          OptionSpec.builder("--keep-duration")
              .paramLabel("TIME")
              .type(String.class)
              .description("keep what was used within this time, such as 48h or 30m")
              .build());
      spec.addOption(
          OptionSpec.builder("--keep-storage", "--max-used-space")
              .paramLabel("SIZE")
              .type(String.class)
              .description("keep so much, such as 2g")
              .build());
    }
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    List<String> filters = parsed.matchedOptionValue("--filter", List.of());
    List<Engine.Kept> found;
    Engine.Pruning what = prunes ? pruning(parsed, filters) : null;
    try (Engine engine = context.engines().open(globals.choice(new TreeSet<>()))) {
      found = what == null ? engine.usage(filters) : engine.prune(what);
    }
    context.out().print(text(found));
    return ExitCode.OK;
  }

  private static Engine.Pruning pruning(ParseResult parsed, List<String> filters) {
    String keep = parsed.matchedOptionValue("--keep-storage", "");
    return new Engine.Pruning(
        filters,
        parsed.hasMatchedOption("--all"),
        duration(parsed.matchedOptionValue("--keep-duration", "")),
        keep.isEmpty() ? 0 : Sizes.bytes("--keep-storage", keep));
  }

  private static Duration duration(String text) {
    if (text.isEmpty()) {
      return Duration.ZERO;
    }
    Duration read = Duration.ofNanos(-1);
    try {
      read = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    } catch (DateTimeParseException e) {
      // told below
    }
    if (read.isNegative()) {
      throw new UsageException(
          "--keep-duration: want a time such as 48h, 30m or 1h30m, got '" + text + "'");
    }
    return read;
  }

  private String text(List<Engine.Kept> found) {
    var out = new StringBuilder();
    out.append(row("ID", "TYPE", "RECLAIMABLE", "SIZE", "DESCRIPTION"));
    long total = 0;
    long reclaimable = 0;
    for (Engine.Kept each : found.stream().sorted(LARGEST).toList()) {
      boolean free = !each.inUse() && !each.shared();
      String id = each.id();
      out.append(
          row(
              id.substring(0, Math.min(SHORT_ID, id.length())),
              each.type(),
              Boolean.toString(free),
              Figures.bytes(each.sizeBytes()),
              each.description()));
      total += each.sizeBytes();
      reclaimable += free ? each.sizeBytes() : 0;
    }
    if (!prunes) {
      out.append("Reclaimable: ").append(Figures.bytes(reclaimable)).append("\n");
    }
    return out.append("Total: ").append(Figures.bytes(total)).append("\n").toString();
  }

  private static String row(String id, String type, String free, String size, String text) {
    return String.format("%-25s  %-20s  %-11s  %-8s  %s", id, type, free, size, text)
            .stripTrailing()
        + "\n";
  }
}
