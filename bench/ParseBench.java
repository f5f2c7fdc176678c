import com.sun.management.ThreadMXBean;
import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.parse.DockerfileParser;
import dev.jbuild.dockerfile.parse.SourceFile;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** Prints what reading long Dockerfiles costs: processor time, and memory by number of lines. */
final class ParseBench {
  private static final String[] LINES = {
    "RUN --mount=type=cache,target=/root/.cache apt-get install -y package-%d && true",
    "COPY --chown=1000:1000 src/%d/*.txt /app/%d/",
    "ENV NAME_%d=value-%d OTHER_%d=\"with blanks\"",
    "# a comment, line %d",
    "RUN echo one \\",
    "    && echo two %d",
    "LABEL org.example.%d=\"$NAME\"",
    "RUN <<EOF",
    "echo ${VALUE_%d}",
    "EOF",
  };

  private static volatile Object kept = "";

  private ParseBench() {}

  public static void main(String[] args) {
    String first = text(10_000);
    row("10,000 lines, first in a new process", millis(first), "ms");
    for (int lines : new int[] {10_000, 20_000, 40_000, 80_000}) {
      String text = text(lines);
      double[] times = new double[15];
      for (int i = 0; i < times.length; i++) {
        times[i] = millis(text);
      }
      Arrays.sort(times);
      String what = String.format("%,d lines", lines);
      row(what + ", median", times[times.length / 2], "ms");
      row(what + ", memory allocated a line", (double) allocated(text) / lines, "bytes");
      row(what + ", memory kept a line", (double) retained(text) / lines, "bytes");
    }
  }

  private static void row(String what, double figure, String unit) {
    System.out.printf("%-64s %10.1f %s%n", what, figure, unit);
  }

  private static String text(int lines) {
    var text = new StringBuilder("FROM scratch\n");
    for (int i = 1; i < lines; i++) {
      text.append(LINES[i % LINES.length].replace("%d", String.valueOf(i))).append('\n');
    }
    // The last block may be cut: what it opens is closed.
    return text.append("EOF\n".repeat(lines % LINES.length == 8 ? 1 : 0)).toString();
  }

  /** Of the processor, so that other processes do not count. */
  private static double millis(String text) {
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    kept = read(text);
    return (threads.getCurrentThreadCpuTime() - start) / 1e6;
  }

  private static long allocated(String text) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    kept = read(text);
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static long retained(String text) {
    kept = "";
    long before = used();
    kept = read(text);
    return used() - before;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static Dockerfile read(String text) {
    return Dockerfile.read(DockerfileParser.parse(new SourceFile("Dockerfile", text)));
  }
}
