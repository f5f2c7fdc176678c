package dev.jbuild.source.local;

import dev.jbuild.session.FileSync;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Clients that send what no directory would, or not when they should. */
final class OddWalks {
  private OddWalks() {}

  /** Gives entries without content. */
  static class ListWalk implements FileSync.Walk {
    private final Iterator<FileSync.Entry> entries;

    ListWalk(Iterator<FileSync.Entry> entries) {
      this.entries = entries;
    }

    @Override
    public boolean hasNext() {
      return entries.hasNext();
    }

    @Override
    public FileSync.Entry next() {
      return entries.next();
    }

    @Override
    public ReadableByteChannel read(FileSync.Entry file) throws IOException {
      return Channels.newChannel(new ByteArrayInputStream("slow".getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {}
  }

  /** Waits before it gives its only file. */
  static class SlowWalk extends ListWalk {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);

    SlowWalk() {
      super(List.of(new FileSync.Entry("a", 0100644, 0, 0, 4, 77, "", 0, 0)).iterator());
    }

    @Override
    public ReadableByteChannel read(FileSync.Entry file) throws IOException {
      asked.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return super.read(file);
    }
  }

  /** Breaks when its only file is being received, as soon as it is told to. */
  static final class LateFailure extends ListWalk {
    final CountDownLatch reached = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch read = new CountDownLatch(1);

    LateFailure() {
      super(List.of(new FileSync.Entry("a", 0100644, 0, 0, 4, 77, "", 0, 0)).iterator());
    }

    @Override
    public boolean hasNext() {
      if (super.hasNext()) {
        return true;
      }
      try {
        read.await();
        reached.countDown();
        go.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new UncheckedIOException(new IOException("broken"));
    }

    @Override
    public ReadableByteChannel read(FileSync.Entry file) throws IOException {
      read.countDown();
      return super.read(file);
    }
  }

  /** Breaks at the end. */
  static final class FailingWalk implements FileSync.Walk {
    private final FileSync.Walk walk;

    FailingWalk(FileSync.Walk walk) {
      this.walk = walk;
    }

    @Override
    public boolean hasNext() {
      if (!walk.hasNext()) {
        throw new UncheckedIOException(new IOException("broken"));
      }
      return true;
    }

    @Override
    public FileSync.Entry next() {
      return walk.next();
    }

    @Override
    public ReadableByteChannel read(FileSync.Entry file) throws IOException {
      return walk.read(file);
    }

    @Override
    public void close() throws IOException {
      walk.close();
    }
  }
}
