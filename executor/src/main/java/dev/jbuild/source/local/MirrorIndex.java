package dev.jbuild.source.local;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.FileSync;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What a mirror holds, in the order of the walk. Kept in a file that is replaced as a whole: magic,
 * next id, count, entries, CRC-32; all big-endian.
 *
 * @param nextId no file has this id or a greater one
 */
record MirrorIndex(List<Received> entries, long nextId) {
  static final MirrorIndex EMPTY = new MirrorIndex(List.of(), 1);

  private static final int MAGIC = 0x6a626d32;
  private static final int HASH_BYTES = 32;
  private static final int TYPICAL_ENTRY_BYTES = 160;

  MirrorIndex {
    entries = List.copyOf(entries);
  }

  Map<String, Received> byPath() {
    Map<String, Received> map = HashMap.newHashMap(entries.size());
    for (Received received : entries) {
      map.put(received.entry().path(), received);
    }
    return map;
  }

  /** Empty when there is none, or none that can be trusted. */
  static MirrorIndex read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return EMPTY;
    }
    int length = bytes.length - Integer.BYTES;
    if (length < 0
        || ByteBuffer.wrap(bytes, length, Integer.BYTES).getInt() != crc(bytes, length)) {
      return EMPTY;
    }
    var in = new DataInputStream(new ByteArrayInputStream(bytes, 0, length));
    if (in.readInt() != MAGIC) {
      return EMPTY;
    }
    long nextId = in.readLong();
    int count = in.readInt();
    var entries = new ArrayList<Received>(count);
    for (int i = 0; i < count; i++) {
      entries.add(readEntry(in));
    }
    return new MirrorIndex(entries, nextId);
  }

  private static Received readEntry(DataInputStream in) throws IOException {
    var entry =
        new FileSync.Entry(
            in.readUTF(),
            in.readInt(),
            in.readInt(),
            in.readInt(),
            in.readLong(),
            in.readLong(),
            in.readUTF(),
            in.readLong(),
            in.readLong(),
            readAttributes(in));
    boolean linked = in.readBoolean();
    return new Received(entry, in.readBoolean() ? readContent(in) : null, linked);
  }

  private static Map<String, Bytes> readAttributes(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count == 0) {
      return Map.of();
    }
    Map<String, Bytes> attributes = HashMap.newHashMap(count);
    for (int i = 0; i < count; i++) {
      attributes.put(in.readUTF(), Bytes.copyOf(in.readNBytes(in.readInt())));
    }
    return attributes;
  }

  private static Received.Content readContent(DataInputStream in) throws IOException {
    long id = in.readLong();
    long inode = in.readLong();
    long size = in.readLong();
    byte[] hash = in.readNBytes(HASH_BYTES);
    return new Received.Content(id, inode, size, Digest.ofHash(hash), in.readBoolean());
  }

  /** Replaces the file. */
  void write(Path file) throws IOException {
    var bytes = new ByteArrayOutputStream(entries.size() * TYPICAL_ENTRY_BYTES + 64);
    var out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeLong(nextId);
    out.writeInt(entries.size());
    for (Received received : entries) {
      write(received, out);
    }
    byte[] written = bytes.toByteArray();
    out.writeInt(crc(written, written.length));
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, bytes.toByteArray());
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(Received received, DataOutputStream out) throws IOException {
    FileSync.Entry entry = received.entry();
    out.writeUTF(entry.path());
    out.writeInt(entry.mode());
    out.writeInt(entry.uid());
    out.writeInt(entry.gid());
    out.writeLong(entry.sizeBytes());
    out.writeLong(entry.modifiedNanos());
    out.writeUTF(entry.linkTarget());
    out.writeLong(entry.deviceMajor());
    out.writeLong(entry.deviceMinor());
    out.writeInt(entry.attributes().size());
    for (Map.Entry<String, Bytes> attribute : new TreeMap<>(entry.attributes()).entrySet()) {
      out.writeUTF(attribute.getKey());
      out.writeInt(attribute.getValue().size());
      out.write(attribute.getValue().toArray());
    }
    out.writeBoolean(received.linked());
    Received.@Nullable Content content = received.content();
    out.writeBoolean(content != null);
    if (content != null) {
      out.writeLong(content.id());
      out.writeLong(content.inode());
      out.writeLong(content.sizeBytes());
      out.write(HexFormat.of().parseHex(content.digest().hex()));
      out.writeBoolean(content.unsettled());
    }
  }

  private static int crc(byte[] bytes, int length) {
    var crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
