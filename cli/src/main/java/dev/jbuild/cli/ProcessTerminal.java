package dev.jbuild.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The terminal of this process. The launcher says what is a terminal and how large it is in the
 * system property {@code jbuild.terminal}, since asking costs a JVM more than a shell: {@code
 * out,err,24x80}. While a frame is drawn the size is asked again now and then, by stty.
 */
final class ProcessTerminal implements Terminal {
  private static final Duration AGE = Duration.ofSeconds(2);

  private final Map<String, String> env;
  private final String said = System.getProperty("jbuild.terminal", "");
  private volatile Size size = new Size(24, 80, Instant.MIN);

  ProcessTerminal(Map<String, String> env) {
    this.env = env;
    parse(said.substring(said.lastIndexOf(',') + 1).replace('x', ' '), Instant.MIN);
  }

  private record Size(int rows, int columns, Instant asked) {}

  @Override
  public boolean drawable() {
    String term = env.getOrDefault("TERM", "");
    return said.contains("err") && !term.isEmpty() && !term.equals("dumb");
  }

  @Override
  public boolean outputIsTerminal() {
    return said.contains("out");
  }

  @Override
  public int columns() {
    return current().columns();
  }

  @Override
  public int rows() {
    return current().rows();
  }

  private Size current() {
    Size known = size;
    Instant now = Instant.now();
    if (known.asked().isBefore(now.minus(AGE))) {
      // Only the thread that draws comes here, one at a time.
      size = new Size(known.rows(), known.columns(), now);
      Thread.ofPlatform().daemon().name("terminal-size").start(() -> ask(now));
    }
    return known;
  }

  private void ask(Instant now) {
    try {
      var builder = new ProcessBuilder("stty", "size");
      builder.redirectInput(Path.of("/dev/tty").toFile());
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
      Process process = builder.start();
      try (InputStream out = process.getInputStream()) {
        parse(new String(out.readNBytes(64), StandardCharsets.US_ASCII).strip(), now);
      }
    } catch (IOException e) {
      // No stty, no terminal: the size that is known stays.
    }
  }

  private void parse(String text, Instant asked) {
    int space = text.indexOf(' ');
    if (space > 0) {
      try {
        int rows = Integer.parseInt(text, 0, space, 10);
        int columns = Integer.parseInt(text, space + 1, text.length(), 10);
        if (rows > 0 && columns > 0) {
          size = new Size(rows, columns, asked);
        }
      } catch (NumberFormatException e) {
        // Not a size: the one that is known stays.
      }
    }
  }
}
