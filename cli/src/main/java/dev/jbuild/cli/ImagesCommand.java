package dev.jbuild.cli;

import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.progress.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild images}: a table of the image store. */
final class ImagesCommand implements Command {
  private static final int SHORT_ID = 12;
  private static final List<String> TITLES =
      List.of("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE");

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description("List the images that builds with -t left in the store.");
    spec.addOption(OptionSpec.builder("-q", "--quiet").description("only image ids").build());
    spec.addOption(OptionSpec.builder("--no-trunc").description("whole image ids").build());
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    List<Engine.StoredImage> images;
    try (Engine engine = context.engines().open(globals.choice(new TreeSet<>()))) {
      images = engine.images();
    }
    boolean whole = parsed.hasMatchedOption("--no-trunc");
    var out = new StringBuilder();
    if (parsed.hasMatchedOption("--quiet")) {
      images.forEach(image -> out.append(id(image, whole)).append("\n"));
    } else {
      var rows = new ArrayList<List<String>>();
      rows.add(TITLES);
      Instant now = context.clock().instant();
      images.forEach(image -> rows.add(row(image, whole, now)));
      table(rows, out);
    }
    context.out().print(out);
    return ExitCode.OK;
  }

  private static List<String> row(Engine.StoredImage image, boolean whole, Instant now) {
    String name = image.name();
    int colon = name.lastIndexOf(':');
    boolean tagged = colon > name.lastIndexOf('/');
    return List.of(
        tagged ? name.substring(0, colon) : name.isEmpty() ? "<none>" : name,
        tagged ? name.substring(colon + 1) : "<none>",
        id(image, whole),
        age(Duration.between(image.created(), now)),
        Figures.bytes(image.sizeBytes()));
  }

  private static String id(Engine.StoredImage image, boolean whole) {
    String id = image.id();
    String hex = id.substring(id.indexOf(':') + 1);
    return whole ? id : hex.substring(0, Math.min(SHORT_ID, hex.length()));
  }

  private static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 60) {
      return ago(seconds, "second");
    }
    if (seconds < 3600) {
      return ago(seconds / 60, "minute");
    }
    if (seconds < 86_400) {
      return ago(seconds / 3600, "hour");
    }
    long days = seconds / 86_400;
    if (days < 14) {
      return ago(days, "day");
    }
    if (days < 60) {
      return ago(days / 7, "week");
    }
    return days < 730 ? ago(days / 30, "month") : ago(days / 365, "year");
  }

  private static String ago(long count, String unit) {
    return count + " " + unit + (count == 1 ? "" : "s") + " ago";
  }

  private static void table(List<List<String>> rows, StringBuilder out) {
    int columns = TITLES.size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      for (int i = 0; i < columns - 1; i++) {
        out.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 3));
      }
      out.append(row.get(columns - 1)).append("\n");
    }
  }
}
