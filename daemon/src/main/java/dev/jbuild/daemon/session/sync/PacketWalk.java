package dev.jbuild.daemon.session.sync;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.GoModes;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A walk over a client's directory: the receiving role of the packet protocol. Entries are kept as
 * they come, contents only as far ahead as {@link #MAX_BUFFERED_BYTES}: whoever opens a file reads
 * it, or the stream stands still. Source: reference wire-session, section 5.
 *
 * <p>One thread walks; any number of others read.
 */
final class PacketWalk implements FileSync.Walk {
  /** Of all files that are open. */
  private static final int MAX_BUFFERED_BYTES = 4 << 20;

  /** The part of this process's memory that the entries of one walk may take: half of it. */
  private static final int MEMORY_SHARE = 2;

  /** Packets that may be on their way; they come on top of the bytes above. */
  private static final int AHEAD = 32;

  private static final long END_SECONDS = 30;

  private final String name;
  private final ArrivingEntries arriving;
  private final ReentrantLock lock = new ReentrantLock();

  /** Of the walk: its thread waits for entries, and at last for the end. */
  private final Condition changed = lock.newCondition();

  private final ArrayDeque<FileSync.Entry> entries = new ArrayDeque<>();
  private final Map<String, Integer> files = new HashMap<>();
  private final Map<Integer, ArrivingFile> open = new HashMap<>();
  private @Nullable PacketWay way;
  private @Nullable BuildException failure;
  private int sent;
  private int withheld;
  private long buffered;
  private boolean walked;
  private boolean finished;
  private boolean over;
  private boolean closed;

  /**
   * @param name what is received, for texts
   */
  PacketWalk(String name) {
    this.name = name;
    this.arriving = new ArrivingEntries(name, Runtime.getRuntime().maxMemory() / MEMORY_SHARE);
  }

  /** Takes what the sender of a call made by us sends. */
  ClientResponseObserver<Packet, ArrivedPacket> calling() {
    return new Calling();
  }

  private final class Calling extends Incoming
      implements ClientResponseObserver<Packet, ArrivedPacket> {
    @Override
    public void beforeStart(ClientCallStreamObserver<Packet> request) {
      request.disableAutoRequestWithInitial(AHEAD);
      connect(
          new PacketWay() {
            @Override
            public void request(int packets) {
              request.request(packets);
            }

            @Override
            public void send(Packet packet) {
              request.onNext(packet);
            }

            @Override
            public boolean complete() {
              request.onCompleted();
              return true;
            }

            @Override
            public void cancel(String why) {
              request.cancel(why, null);
            }
          });
    }
  }

  /**
   * Takes what the sender of a call made to us sends.
   *
   * @param back which has asked for nothing yet
   */
  StreamObserver<ArrivedPacket> called(PacketWay back) {
    connect(back);
    back.request(AHEAD);
    return new Incoming();
  }

  private void connect(PacketWay back) {
    lock.lock();
    try {
      way = back;
    } finally {
      lock.unlock();
    }
  }

  private class Incoming implements StreamObserver<ArrivedPacket> {
    @Override
    public void onNext(ArrivedPacket arrived) {
      lock.lock();
      try {
        if (failure == null) {
          take(arrived);
        }
        if (buffered > MAX_BUFFERED_BYTES) {
          withheld++;
          wakeAll(); // whoever waits for more gets no more before all read on
        } else if (!over) {
          way().request(1);
        }
      } catch (BuildException wrong) {
        fail(wrong);
        wakeAll();
        way().cancel(wrong.message());
      } finally {
        arrived.content().release();
        lock.unlock();
      }
    }

    @Override
    public void onError(Throwable cause) {
      lock.lock();
      try {
        over = true;
        fail(ClientFailures.of(name, cause));
        wakeAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void onCompleted() {
      lock.lock();
      try {
        over = true;
        if (!finished) {
          fail(wrong("ended before all was sent"));
        }
        wakeAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The caller holds the lock. */
  private void wakeAll() {
    changed.signalAll();
    open.values().forEach(ArrivingFile::wake);
  }

  private PacketWay way() {
    return Objects.requireNonNull(way, "the call has begun");
  }

  /** The first failure is the one that tells why. */
  private void fail(BuildException cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  private BuildException wrong(String what) {
    return new BuildException(Code.DATA_LOSS, name + ": the stream " + what);
  }

  private void take(ArrivedPacket arrived) {
    Packet packet = arrived.packet();
    switch (packet.getType()) {
      case PACKET_STAT -> takeEntry(packet);
      case PACKET_DATA -> takeData(packet.getID(), arrived.content());
      case PACKET_FIN -> takeEnd();
      case PACKET_ERR ->
          throw new BuildException(Code.FAILED, name + ": " + ClientFailures.why(packet.getData()));
      case PACKET_REQ, UNRECOGNIZED ->
          throw wrong("holds a packet of type " + packet.getTypeValue() + ", which none sends");
    }
  }

  /** The answer to our own, which is sent when all is read. */
  private void takeEnd() {
    if (!closed) {
      throw wrong("says it is done before all was read");
    }
    finished = true;
    changed.signalAll();
  }

  private void takeEntry(Packet packet) {
    if (walked) {
      throw wrong("goes on after its end");
    }
    if (!packet.hasStat()) {
      walked = true;
      changed.signalAll();
      return;
    }
    FileSync.Entry entry = arriving.read(packet.getStat());
    if (GoModes.isRegular(packet.getStat().getMode()) && entry.linkTarget().isEmpty()) {
      files.put(entry.path(), sent);
    }
    sent++;
    entries.add(entry);
    changed.signalAll();
  }

  private void takeData(int id, ByteBuf data) {
    ArrivingFile file = open.get(id);
    if (file == null) {
      throw wrong("holds content of number " + id + ", which was not asked for");
    }
    int length = data.readableBytes();
    if (length == 0) {
      file.end();
      open.remove(id);
    } else if (file.add(data.retain())) {
      buffered += length;
    }
  }

  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      while (entries.isEmpty() && !walked) {
        check();
        changed.await();
      }
      if (entries.isEmpty()) {
        check();
      }
      return !entries.isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BuildException(Code.CANCELLED, "receiving '" + name + "' was cancelled", e);
    } finally {
      lock.unlock();
    }
  }

  private void check() {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public FileSync.Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    lock.lock();
    try {
      return entries.remove();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public ReadableByteChannel read(FileSync.Entry entry) throws IOException {
    lock.lock();
    try {
      Integer id = files.get(entry.path());
      if (id == null || closed) {
        throw new IOException(entry.path() + ": " + (closed ? "the walk has ended" : "no file"));
      }
      check();
      var file = new ArrivingFile(this);
      if (open.putIfAbsent(id, file) != null) {
        throw new IOException(entry.path() + " is being read");
      }
      way().send(Packet.newBuilder().setType(PacketType.PACKET_REQ).setID(id).build());
      return file;
    } finally {
      lock.unlock();
    }
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Throws when nothing will come any more; the caller holds the lock. */
  void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the walk has ended");
    }
    check();
  }

  /** Whether the stream stands still until content is read; the caller holds the lock. */
  boolean standsStill() {
    return withheld > 0;
  }

  /** Content was read or will not be; the caller holds the lock. */
  void consumed(long bytes) {
    buffered -= bytes;
    if (withheld > 0 && buffered <= MAX_BUFFERED_BYTES / 2) {
      way().request(withheld);
      withheld = 0;
    }
  }

  /** What came is of no use: the sender is not told that all is well. */
  void abandon(Exception why) {
    lock.lock();
    try {
      fail(new BuildException(Code.FAILED, name + ": " + why, why));
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /** After a whole walk both sides say that they are done; else the client is told to stop. */
  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      boolean whole = walked && entries.isEmpty() && open.isEmpty() && failure == null;
      closed = true;
      wakeAll();
      if (!whole) {
        if (!over) {
          way().cancel("the walk was ended early");
        }
        return;
      }
      if (!over) {
        way().send(Packet.newBuilder().setType(PacketType.PACKET_FIN).build());
      }
      long left = TimeUnit.SECONDS.toNanos(END_SECONDS);
      while (!finished && !over && failure == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (finished && failure == null) {
        // Even when the sender has ended: a call made to us waits for it.
        over = !way().complete() || over;
      }
      while (finished && !over && failure == null && left > 0) {
        left = changed.awaitNanos(left);
      }
      if (!over) {
        way().cancel("the sender did not end the walk");
      }
    } catch (InterruptedException e) {
      way().cancel("cancelled");
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
