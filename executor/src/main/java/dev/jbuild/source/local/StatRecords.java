package dev.jbuild.source.local;

import com.google.protobuf.CodedOutputStream;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.GoModes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What all paths of a walk are, one after the other: the length of a message as four bytes, lowest
 * first, and the message {@code fsutil.types.Stat}. Source: wire facts, "Receiver diff". For one
 * thread.
 */
final class StatRecords {
  private static final int MAX_BYTES = 256 << 20;

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  /**
   * Adds a path.
   *
   * @throws BuildException RESOURCE_EXHAUSTED when there are too many
   */
  void add(FileSync.Entry entry) throws IOException {
    byte[] stat = stat(entry);
    if (written.size() > MAX_BYTES - stat.length - Integer.BYTES) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          "local.metadatatransfer: the metadata of the client's files is more than "
              + MAX_BYTES
              + " bytes");
    }
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      written.write(stat.length >>> shift);
    }
    written.writeBytes(stat);
  }

  byte[] toBytes() {
    return written.toByteArray();
  }

  /** What is zero or empty is left out, as the format has it. */
  private static byte[] stat(FileSync.Entry entry) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    text(out, 1, entry.path());
    number(out, 2, Integer.toUnsignedLong(GoModes.ofStat(entry.mode())));
    number(out, 3, Integer.toUnsignedLong(entry.uid()));
    number(out, 4, Integer.toUnsignedLong(entry.gid()));
    number(out, 5, size(entry));
    number(out, 6, entry.modifiedNanos());
    text(out, 7, entry.linkTarget());
    number(out, 8, entry.deviceMajor());
    number(out, 9, entry.deviceMinor());
    for (Map.Entry<String, Bytes> attribute : new TreeMap<>(entry.attributes()).entrySet()) {
      out.writeByteArray(10, pair(attribute.getKey(), attribute.getValue()));
    }
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] pair(String key, Bytes value) throws IOException {
    var bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeString(1, key);
    out.writeByteArray(2, value.toArray());
    out.flush();
    return bytes.toByteArray();
  }

  private static void text(CodedOutputStream out, int field, String value) throws IOException {
    if (!value.isEmpty()) {
      out.writeString(field, value);
    }
  }

  private static void number(CodedOutputStream out, int field, long value) throws IOException {
    if (value != 0) {
      out.writeUInt64(field, value);
    }
  }

  /** A symbolic link is as long as what it names. */
  private static long size(FileSync.Entry entry) {
    boolean link = (entry.mode() & FileStat.TYPE_MASK) == FileStat.SYMLINK;
    return link ? entry.linkTarget().getBytes(StandardCharsets.UTF_8).length : entry.sizeBytes();
  }
}
