package dev.jbuild.daemon.history;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The form of a record's file: the sections one behind the other, the header in JSON, its length in
 * four bytes, its SHA-256, and eight bytes that tell the form. The header comes last because it
 * tells the digests of what is written before it.
 */
final class RecordFile {
  private static final byte[] FORM = "jbuild\0\1".getBytes(StandardCharsets.ISO_8859_1);
  private static final int HASH_BYTES = 32;
  private static final int GUESS_BYTES = 8 << 10;
  private static final int TAIL_BYTES = Integer.BYTES + HASH_BYTES + FORM.length;

  private RecordFile() {}

  /**
   * Reads the header.
   *
   * @throws IOException also when the file is damaged; the message says so
   */
  static BuildRecord read(FileChannel channel, RecordName name) throws IOException {
    long size = channel.size();
    if (size < TAIL_BYTES) {
      throw new IOException("build record " + name + " is too short: " + size + " bytes");
    }
    // Most headers are short: one read gets all of it.
    int guess = (int) Math.min(size, GUESS_BYTES);
    byte[] end = bytes(channel, size - guess, guess).array();
    ByteBuffer tail = ByteBuffer.wrap(end, guess - TAIL_BYTES, TAIL_BYTES).slice();
    int length = tail.getInt();
    byte[] hash = new byte[HASH_BYTES];
    tail.get(hash);
    if (!tail.equals(ByteBuffer.wrap(FORM))
        || length < 0
        || length > JsonText.MAX_BYTES
        || length > size - TAIL_BYTES) {
      throw new IOException("build record " + name + " has an unknown form");
    }
    byte[] header =
        length + TAIL_BYTES <= guess
            ? Arrays.copyOfRange(end, guess - TAIL_BYTES - length, guess - TAIL_BYTES)
            : bytes(channel, size - TAIL_BYTES - length, length).array();
    if (!Digest.of(header).equals(Digest.ofHash(hash))) {
      throw new IOException("build record " + name + " is damaged: its header has another digest");
    }
    try {
      return RecordJson.read(Bytes.copyOf(header), name);
    } catch (OciFormatException e) {
      throw new IOException("build record " + name + " " + e.getMessage(), e);
    }
  }

  private static ByteBuffer bytes(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new IOException("a build record's file became shorter");
      }
    }
    return buffer.flip();
  }

  /** A file being written, section by section. For one thread. */
  static final class Writing implements AutoCloseable {
    private final FileChannel channel;
    private final List<Section> sections = new ArrayList<>();
    private MessageDigest hash = Digest.sha256();
    private long begin;
    private long written;

    Writing(Path file) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** More of the section. */
    void write(byte[] bytes) throws IOException {
      hash.update(bytes);
      append(bytes);
    }

    private void append(byte[] bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        written += channel.write(buffer);
      }
    }

    /** The section is complete; an empty one is left out. */
    void end(Section.Kind kind) {
      if (written > begin) {
        sections.add(new Section(kind, Digest.ofHash(hash.digest()), begin, written - begin));
      }
      begin = written;
      hash = Digest.sha256();
    }

    /** Writes the header and makes all of it durable; gives the record with its sections. */
    BuildRecord finish(BuildRecord record) throws IOException {
      BuildRecord whole = record.withSections(sections);
      byte[] header = RecordJson.write(whole).toArray();
      append(header);
      append(
          ByteBuffer.allocate(TAIL_BYTES)
              .putInt(header.length)
              .put(Digest.sha256().digest(header))
              .put(FORM)
              .array());
      channel.force(true);
      return whole;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
