package dev.jbuild.diff;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes a tar stream whose bytes depend on its entries only: ustar headers, pax records where a
 * value does not fit, no names of users or groups, times in whole seconds. For one thread.
 */
public final class TarWriter {
  private static final int BLOCK = 512;
  private static final byte[] ZEROS = new byte[BLOCK];
  private static final int MAX_OCTAL_7 = 07777777;
  private static final long MAX_OCTAL_11 = 077777777777L;

  private final OutputStream out;
  private long contentLeft;
  private long size;

  /**
   * @param out not closed
   */
  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Starts an entry; exactly its size in bytes of content must follow. */
  public void begin(TarEntry entry) throws IOException {
    if (contentLeft != 0) {
      throw new IllegalStateException(
          contentLeft + " bytes of content are missing before " + entry.name());
    }
    byte[] records = records(entry);
    if (records.length > 0) {
      String base = entry.name().replaceAll("/+$", "").replaceAll(".*/", "");
      header("PaxHeaders.0/" + ascii(base), 'x', 0644, 0, 0, records.length, 0, "", 0, 0);
      out.write(records);
      pad(records.length);
    }
    header(
        entry.name(),
        entry.type().flag(),
        entry.permissions(),
        Integer.toUnsignedLong(entry.uid()),
        Integer.toUnsignedLong(entry.gid()),
        entry.sizeBytes(),
        seconds(entry),
        entry.linkName(),
        entry.deviceMajor(),
        entry.deviceMinor());
    contentLeft = entry.sizeBytes();
    size = entry.sizeBytes();
  }

  /** Writes content of the entry begun last. */
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (length > contentLeft) {
      throw new IllegalStateException("more content than the entry's size");
    }
    out.write(bytes, offset, length);
    contentLeft -= length;
    if (contentLeft == 0) {
      pad(size);
    }
  }

  /** The end marker. */
  public void finish() throws IOException {
    out.write(ZEROS);
    out.write(ZEROS);
  }

  private static long seconds(TarEntry entry) {
    return Math.floorDiv(entry.modifiedNanos(), 1_000_000_000L);
  }

  private static byte[] records(TarEntry entry) {
    var records = new ByteArrayOutputStream();
    if (!fits(entry.name())) {
      record(records, "path", entry.name());
    }
    if (!fits(entry.linkName())) {
      record(records, "linkpath", entry.linkName());
    }
    if (entry.sizeBytes() > MAX_OCTAL_11) {
      record(records, "size", Long.toString(entry.sizeBytes()));
    }
    if (Integer.toUnsignedLong(entry.uid()) > MAX_OCTAL_7) {
      record(records, "uid", Integer.toUnsignedString(entry.uid()));
    }
    if (Integer.toUnsignedLong(entry.gid()) > MAX_OCTAL_7) {
      record(records, "gid", Integer.toUnsignedString(entry.gid()));
    }
    long seconds = seconds(entry);
    if (seconds < 0 || seconds > MAX_OCTAL_11) {
      record(records, "mtime", Long.toString(seconds));
    }
    for (Map.Entry<String, byte[]> attribute : entry.attributes().entrySet()) {
      record(records, PaxHeader.ATTRIBUTE + attribute.getKey(), attribute.getValue());
    }
    return records.toByteArray();
  }

  private static boolean fits(String name) {
    return name.length() <= 100 && name.chars().allMatch(c -> c > 0 && c < 128);
  }

  private static void record(ByteArrayOutputStream records, String key, String value) {
    record(records, key, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The length counts its own digits. */
  private static void record(ByteArrayOutputStream records, String key, byte[] value) {
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    int rest = name.length + value.length + 3;
    int length = rest + Integer.toString(rest).length();
    if (Integer.toString(length).length() > Integer.toString(rest).length()) {
      length++;
    }
    records.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
    records.writeBytes(name);
    records.write('=');
    records.writeBytes(value);
    records.write('\n');
  }

  private static String ascii(String name) {
    String plain = name.replaceAll("[^\\x20-\\x7e]", "_");
    return plain.substring(0, Math.min(plain.length(), 80));
  }

  private void header(
      String name,
      char type,
      int mode,
      long uid,
      long gid,
      long bytes,
      long seconds,
      String link,
      int major,
      int minor)
      throws IOException {
    byte[] header = new byte[BLOCK];
    text(header, 0, 100, fits(name) ? name : ascii(name));
    octal(header, 100, 8, mode);
    octal(header, 108, 8, uid > MAX_OCTAL_7 ? 0 : uid);
    octal(header, 116, 8, gid > MAX_OCTAL_7 ? 0 : gid);
    octal(header, 124, 12, bytes > MAX_OCTAL_11 ? 0 : bytes);
    octal(header, 136, 12, seconds < 0 || seconds > MAX_OCTAL_11 ? 0 : seconds);
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = (byte) type;
    text(header, 157, 100, fits(link) ? link : ascii(link));
    text(header, 257, 6, "ustar");
    text(header, 263, 2, "00");
    octal(header, 329, 8, major);
    octal(header, 337, 8, minor);
    int sum = 0;
    for (byte b : header) {
      sum += Byte.toUnsignedInt(b);
    }
    octal(header, 148, 7, sum);
    header[154] = 0;
    out.write(header);
  }

  private void pad(long written) throws IOException {
    int rest = (int) (written % BLOCK);
    if (rest != 0) {
      out.write(ZEROS, 0, BLOCK - rest);
    }
  }

  private static void text(byte[] header, int offset, int length, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, offset, Math.min(bytes.length, length));
  }

  private static void octal(byte[] header, int offset, int length, long value) {
    long left = value;
    for (int i = offset + length - 2; i >= offset; i--) {
      header[i] = (byte) ('0' + (left & 7));
      left >>>= 3;
    }
  }
}
