package dev.jbuild.daemon.session.sync;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.GoModes;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import fsutil.types.Stat;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The sending role of the packet protocol: tells what a walk gives, and sends the files that are
 * asked for, a few at a time. Source: reference wire-session, section 5.
 */
final class PacketSender implements StreamObserver<Packet> {
  private static final int READERS = 4;
  private static final int PIECE_BYTES = 256 << 10;

  /** The fields before a piece of content have at most so many. */
  private static final int HEAD_BYTES = 20;

  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;

  private final FileSync.Walk walk;
  private final PacedStream<ByteBuf> out;
  private final ThreadFactory threads;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final List<FileSync.Entry> sent = new ArrayList<>();
  private final ArrayDeque<Integer> asked = new ArrayDeque<>();
  private final BitSet known = new BitSet();
  private int readers;

  /**
   * @param walk closed by this
   * @param threads cheap ones: one for the walk, a few for files
   */
  PacketSender(FileSync.Walk walk, PacedStream<ByteBuf> out, ThreadFactory threads) {
    this.walk = walk;
    this.out = out;
    this.threads = threads;
  }

  /** Begins to send. */
  void start() {
    threads.newThread(this::walkThrough).start();
  }

  /** Done when the other side has all it wants, or exceptionally when one side failed. */
  CompletableFuture<Void> done() {
    return done;
  }

  private void walkThrough() {
    try {
      while (walk.hasNext()) {
        FileSync.Entry entry = walk.next();
        lock.lock();
        try {
          sent.add(entry);
        } finally {
          lock.unlock();
        }
        out.send(written(Packet.newBuilder().setStat(stat(entry)).build()));
      }
      out.send(written(Packet.getDefaultInstance()));
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private static Stat stat(FileSync.Entry entry) {
    boolean link = (entry.mode() & TYPE) == 0120000;
    var stat =
        Stat.newBuilder()
            .setPath(entry.path())
            .setMode(GoModes.ofStat(entry.mode()))
            .setUid(entry.uid())
            .setGid(entry.gid())
            .setSize(link ? entry.linkTarget().length() : entry.sizeBytes())
            .setModTime(entry.modifiedNanos())
            .setLinkname(entry.linkTarget())
            .setDevmajor(entry.deviceMajor())
            .setDevminor(entry.deviceMinor());
    entry
        .attributes()
        .forEach(
            (name, value) ->
                stat.putXattrs(name, UnsafeByteOperations.unsafeWrap(value.toArray())));
    return stat.build();
  }

  private void fail(Exception cause) {
    if (done.completeExceptionally(cause)) {
      String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      ByteString said = ByteString.copyFromUtf8(text);
      out.sendNow(
          written(Packet.newBuilder().setType(PacketType.PACKET_ERR).setData(said).build()));
      out.abort(Status.UNKNOWN.withDescription(text).asRuntimeException());
      close();
    }
  }

  private void close() {
    try {
      walk.close();
    } catch (IOException e) {
      System.getLogger(PacketSender.class.getName())
          .log(System.Logger.Level.DEBUG, "a walk did not end well", e);
    }
  }

  @Override
  public void onNext(Packet packet) {
    switch (packet.getType()) {
      case PACKET_REQ -> ask(packet.getID());
      case PACKET_FIN -> finish();
      case PACKET_ERR -> fail(new IOException(ClientFailures.why(packet.getData())));
      case PACKET_STAT, PACKET_DATA, UNRECOGNIZED ->
          fail(new IOException("a packet of type " + packet.getTypeValue() + " is not expected"));
    }
  }

  private void ask(int id) {
    boolean begin = false;
    String wrong = "";
    lock.lock();
    try {
      if (id < 0 || id >= sent.size() || !isFile(sent.get(id))) {
        wrong = "content was asked for of something that is no file";
      } else if (known.get(id)) {
        wrong = "content of '" + sent.get(id).path() + "' was asked for twice";
      } else if (!done.isDone()) {
        known.set(id);
        asked.add(id);
        begin = readers < READERS;
        readers += begin ? 1 : 0;
      }
    } finally {
      lock.unlock();
    }
    if (!wrong.isEmpty()) {
      fail(new IOException(wrong));
    } else if (begin) {
      threads.newThread(this::sendFiles).start();
    }
  }

  private static boolean isFile(FileSync.Entry entry) {
    return (entry.mode() & TYPE) == REGULAR && entry.linkTarget().isEmpty();
  }

  private void sendFiles() {
    while (true) {
      int id;
      FileSync.Entry file;
      lock.lock();
      try {
        if (asked.isEmpty() || done.isDone()) {
          readers--;
          return;
        }
        id = asked.remove();
        file = sent.get(id);
      } finally {
        lock.unlock();
      }
      try {
        sendFile(id, file);
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }
  }

  /** A file that is gone or can not be read fails the transfer: it is never sent as empty. */
  private void sendFile(int id, FileSync.Entry file) throws IOException {
    try (ReadableByteChannel from = walk.read(file)) {
      int bytes = pieceBytes(file);
      while (sendPiece(id, from, bytes)) {
        bytes = PIECE_BYTES;
      }
    }
    out.send(written(Packet.newBuilder().setType(PacketType.PACKET_DATA).setID(id).build()));
  }

  private static int pieceBytes(FileSync.Entry file) {
    // One byte more than the file has shows the end without another piece.
    return Math.clamp(file.sizeBytes() + 1, 1, PIECE_BYTES);
  }

  /** False when there is no more. */
  private boolean sendPiece(int id, ReadableByteChannel from, int bytes) throws IOException {
    ByteBuf packet = PooledByteBufAllocator.DEFAULT.directBuffer(HEAD_BYTES + bytes);
    int read = 0;
    boolean more = true;
    try {
      ByteBuffer content = packet.internalNioBuffer(HEAD_BYTES, bytes);
      while (more && content.hasRemaining()) {
        int count = from.read(content);
        more = count >= 0;
        read += Math.max(count, 0);
      }
      if (read > 0) {
        packet.writerIndex(HEAD_BYTES + read);
        writeHead(packet, id, read);
        out.send(packet.retain());
      }
      return more;
    } finally {
      packet.release();
    }
  }

  /** Before the content, which is the last field. */
  private static void writeHead(ByteBuf packet, int id, int length) throws IOException {
    var head = new byte[HEAD_BYTES];
    CodedOutputStream fields = CodedOutputStream.newInstance(head);
    fields.writeEnum(Packet.TYPE_FIELD_NUMBER, PacketType.PACKET_DATA_VALUE);
    fields.writeUInt32(Packet.ID_FIELD_NUMBER, id);
    fields.writeTag(Packet.DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    fields.writeUInt32NoTag(length);
    int size = fields.getTotalBytesWritten();
    packet.setBytes(HEAD_BYTES - size, head, 0, size);
    packet.readerIndex(HEAD_BYTES - size);
  }

  private static ByteBuf written(Packet packet) {
    return Unpooled.wrappedBuffer(packet.toByteArray());
  }

  private void finish() {
    if (done.complete(null)) {
      out.sendNow(written(Packet.newBuilder().setType(PacketType.PACKET_FIN).build()));
      out.complete();
      close();
    }
  }

  @Override
  public void onError(Throwable cause) {
    out.fail(cause);
    if (done.completeExceptionally(cause)) {
      close();
    }
  }

  /** Fine when all was sent before, else the other side has left. */
  @Override
  public void onCompleted() {
    if (!done.isDone()) {
      fail(new IOException("the other side has ended before it said so"));
    }
  }
}
