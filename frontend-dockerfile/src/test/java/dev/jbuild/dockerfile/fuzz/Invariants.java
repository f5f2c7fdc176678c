package dev.jbuild.dockerfile.fuzz;

import com.sun.management.ThreadMXBean;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.SourceRange;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Checks that all fuzz targets share. A broken one is an {@link AssertionError}. */
final class Invariants {
  /** What a file or an option of a user can be to blame for. */
  private static final Set<Code> USERS_FAULTS =
      EnumSet.of(Code.INVALID, Code.UNIMPLEMENTED, Code.NOT_FOUND, Code.RESOURCE_EXHAUSTED);

  /** Generous: code under the fuzzer's instrumentation runs several times slower. */
  private static final long MAX_CPU_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int MAX_RUNS = 3;

  private Invariants() {}

  /** Invalid UTF-8 becomes the replacement character, as where a file is read. */
  static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  /** The lines of a text, which {@link #lies} needs for every range. */
  static List<String> lines(String text) {
    return List.of(text.split("\n", -1));
  }

  /** The range is not backwards and lies in the text. */
  static void lies(SourceRange range, List<String> lines) {
    boolean ordered =
        range.startLine() < range.endLine()
            || (range.startLine() == range.endLine()
                && range.startCharacter() <= range.endCharacter());
    boolean inside =
        range.startLine() >= 1
            && range.endLine() <= lines.size()
            && range.startCharacter() >= 0
            && range.startCharacter() <= lines.get(range.startLine() - 1).length()
            && range.endCharacter() <= lines.get(range.endLine() - 1).length();
    require(ordered && inside, range + " is no range of the text");
  }

  /** A failure that users understand: a text, and a reason that is theirs. */
  static void isTheUsers(BuildException failure) {
    require(!failure.message().isBlank(), "an error without text");
    if (!USERS_FAULTS.contains(failure.code())) {
      throw new AssertionError("an error that is not the user's", failure);
    }
  }

  /** As {@link #isTheUsers}, and it names the file and where in its text. */
  static void hasPlace(BuildException failure, String filename, String text) {
    isTheUsers(failure);
    boolean placed = false;
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.Source source) {
        placed = true;
        require(!source.ranges().isEmpty(), "an error whose place has no range");
        if (source.filename().equals(filename)) {
          require(source.text().equals(text), "an error with another file's text");
        }
        List<String> lines = lines(source.text());
        for (Detail.Lines at : source.ranges()) {
          lies(
              new SourceRange(at.startLine(), at.startCharacter(), at.endLine(), at.endCharacter()),
              lines);
        }
      }
    }
    if (!placed) {
      throw new AssertionError("an error without a place in the file", failure);
    }
  }

  /** What {@link #within} runs. */
  @FunctionalInterface
  interface Work<T, E extends Exception> {
    T run() throws E, InterruptedException;
  }

  /**
   * Runs the work and fails where it takes much time or memory. Memory is what this thread
   * allocates, freed or not: it grows with the square of the input where time does, too. Work that
   * took too much is run again: the fuzzer instruments classes when they are first used.
   *
   * @param maxBytes what the work may allocate
   */
  static <T, E extends Exception> T within(long maxBytes, Work<T, E> work) throws E {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int left = MAX_RUNS - 1; ; left--) {
      long cpu = threads.getCurrentThreadCpuTime();
      long bytes = threads.getCurrentThreadAllocatedBytes();
      boolean over = false;
      try {
        T result = work.run();
        over = isOver(threads, cpu, bytes, maxBytes, left == 0);
        if (!over) {
          return result;
        }
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      } catch (Exception e) {
        over = isOver(threads, cpu, bytes, maxBytes, left == 0);
        if (!over) {
          throw e;
        }
      }
    }
  }

  private static boolean isOver(
      ThreadMXBean threads, long cpu, long bytes, long maxBytes, boolean last) {
    long took = threads.getCurrentThreadCpuTime() - cpu;
    long allocated = threads.getCurrentThreadAllocatedBytes() - bytes;
    if (last) {
      require(took <= MAX_CPU_NANOS, "took " + TimeUnit.NANOSECONDS.toMillis(took) + " ms");
      require(allocated <= maxBytes, "allocated " + allocated + " bytes, may " + maxBytes);
    }
    return took > MAX_CPU_NANOS || allocated > maxBytes;
  }
}
