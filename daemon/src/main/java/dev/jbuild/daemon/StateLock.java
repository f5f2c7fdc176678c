package dev.jbuild.daemon;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The right to use a state directory, held by one process at a time. The lock is the kernel's, so
 * it ends with its holder; the text in the file only tells who that is.
 */
public final class StateLock implements AutoCloseable {
  private static final String NAME = "jbuild.lock";
  private static final String IN_PROCESS = "-";
  private static final int LIMIT_BYTES = 4096;
  private static final long RETRY_MILLIS = 100;

  private final FileChannel channel;
  private final FileLock lock;

  private StateLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock for a daemon.
   *
   * @param address where clients reach it
   * @throws BuildException UNAVAILABLE when somebody has it
   */
  public static StateLock forDaemon(Path root, String address) {
    FileChannel channel = open(root);
    StateLock taken = take(channel, address);
    if (taken != null) {
      return taken;
    }
    Holder holder = holder(channel);
    close(channel);
    throw new BuildException(
        Code.UNAVAILABLE,
        "state directory '"
            + root
            + "' is in use by "
            + holder.describe()
            + "; choose another"
            + " with --root");
  }

  /**
   * Takes the lock for builds in this process. Waits for another such process, but not for a
   * daemon, which would not end.
   *
   * @param waiting told once whom it waits for
   * @throws BuildException UNAVAILABLE when a daemon has it, or when the time is over
   */
  public static StateLock inProcess(Path root, Duration limit, Consumer<String> waiting)
      throws InterruptedException {
    FileChannel channel = open(root);
    long deadline = System.nanoTime() + limit.toNanos();
    boolean told = false;
    try {
      while (true) {
        StateLock taken = take(channel, IN_PROCESS);
        if (taken != null) {
          channel = null;
          return taken;
        }
        Holder holder = holder(channel);
        if (holder.daemon()) {
          throw new BuildException(
              Code.UNAVAILABLE,
              "state directory '"
                  + root
                  + "' is in use by "
                  + holder.describe()
                  + "; build through it with --addr "
                  + holder.address()
                  + ", or choose another state directory with --root");
        }
        if (System.nanoTime() - deadline > 0) {
          throw new BuildException(
              Code.UNAVAILABLE,
              "state directory '"
                  + root
                  + "' was in use by "
                  + holder.describe()
                  + " for "
                  + limit.toSeconds()
                  + " s; choose another with --root");
        }
        if (!told) {
          waiting.accept("waiting for " + holder.describe() + ", which uses '" + root + "'");
          told = true;
        }
        pause();
      }
    } finally {
      if (channel != null) {
        close(channel);
      }
    }
  }

  /** Nothing tells when another process lets go, so it is asked again. */
  private static void pause() throws InterruptedException {
    boolean never = new CountDownLatch(1).await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    if (never) {
      throw new IllegalStateException("nobody counts this latch down");
    }
  }

  private record Holder(String pid, String address) {
    boolean daemon() {
      return !address.equals(IN_PROCESS) && !address.isEmpty();
    }

    String describe() {
      String process = pid.isEmpty() ? "another process" : "process " + pid;
      return daemon() ? "the daemon of " + process + " at " + address : "a build of " + process;
    }
  }

  private static FileChannel open(Path root) {
    try {
      Files.createDirectories(root);
      return FileChannel.open(
          root.resolve(NAME),
          StandardOpenOption.CREATE,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED,
          "state directory '"
              + root
              + "' can not be used: "
              + reason(e)
              + "; choose another with --root",
          e);
    }
  }

  /** Without the name of a class, which tells a user nothing. */
  private static String reason(IOException failure) {
    return switch (failure) {
      case FileAlreadyExistsException e -> "'" + e.getFile() + "' is not a directory";
      case NoSuchFileException e -> "'" + e.getFile() + "' can not be made";
      case AccessDeniedException e -> "'" + e.getFile() + "': permission denied";
      case FileSystemException e ->
          "'" + e.getFile() + "': " + Objects.requireNonNullElse(e.getReason(), "unusable");
      default -> failure.toString();
    };
  }

  private static @Nullable StateLock take(FileChannel channel, String address) {
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return null;
      }
      String text = ProcessHandle.current().pid() + "\n" + address + "\n";
      channel.truncate(0);
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes, bytes.position());
      }
      return new StateLock(channel, lock);
    } catch (OverlappingFileLockException e) {
      return null;
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "the state directory can not be locked: " + e, e);
    }
  }

  private static Holder holder(FileChannel channel) {
    try {
      ByteBuffer bytes = ByteBuffer.allocate(LIMIT_BYTES);
      channel.read(bytes, 0);
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      String[] lines = text.split("\n", -1);
      return new Holder(lines[0], lines.length > 1 ? lines[1] : "");
    } catch (IOException e) {
      return new Holder("", "");
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException e) {
      // Closing the channel lets go of it as well.
    } finally {
      close(channel);
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // There is nothing more that could be done; the kernel lets go at the end of the process.
    }
  }
}
