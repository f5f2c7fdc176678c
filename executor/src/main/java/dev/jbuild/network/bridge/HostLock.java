package dev.jbuild.network.bridge;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Held while something that all jbuilds of a host share is looked at and changed: the choice of a
 * subnet, forwarding. Gone with the process.
 */
final class HostLock implements AutoCloseable {
  private static final long WAIT_SECONDS = 30;
  private static final long LOOK_MILLIS = 5;

  private final FileChannel channel;
  private final FileLock lock;

  private HostLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  static HostLock acquire(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    var file = directory.resolve("network.lock");
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean acquired = false;
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
      var lock = tryLock(channel);
      while (lock == null) {
        if (System.nanoTime() - deadline > 0) {
          throw new IOException(
              file + " is held by another jbuild for more than " + WAIT_SECONDS + " seconds");
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        lock = tryLock(channel);
      }
      acquired = true;
      return new HostLock(channel, lock);
    } finally {
      if (!acquired) {
        channel.close();
      }
    }
  }

  /** Null while another process, or another network of this one, has it. */
  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Work that needs the lock. */
  interface Work<T extends @Nullable Object> {
    T run() throws IOException;
  }

  /** Does the work. */
  <T extends @Nullable Object> T during(Work<T> work) throws IOException {
    if (!lock.isValid()) {
      throw new IllegalStateException("the lock of the host's network is not held");
    }
    return work.run();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      lock.release();
    }
  }
}
