package dev.jbuild.diff;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar stream of any common dialect: ustar, pax, GNU. Extended attributes keep their bytes,
 * which is why this is no library: values are binary, and `security.capability` does not survive
 * being text. Names must be UTF-8. For one thread. Errors are {@link TarException} with the entry's
 * name.
 */
public final class TarReader {
  private static final int BLOCK = 512;
  private static final int MAX_EXTENSION = 1 << 20;
  private static final int MAX_NAME = 4096;
  private static final String SPARSE = "GNU.sparse.";

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private final byte[] skipped = new byte[1 << 14];
  private long contentLeft;
  private int padding;
  private String current = "(start)";

  /**
   * @param in buffered, or fast for small reads
   */
  public TarReader(InputStream in) {
    this.in = in;
  }

  /** The next entry, after skipping what is left of this one's content; null at the end marker. */
  public @Nullable TarEntry next() throws IOException {
    skipContent();
    var extension = new PaxHeader();
    String longName = null;
    String longLink = null;
    while (true) {
      if (!readBlock()) {
        return null;
      }
      long size = number(124, 12, "size");
      switch (header[156]) {
        case 'x' -> extension.read(extension(size));
        case 'g' -> extension(size);
        case 'L' -> longName = gnuName(size);
        case 'K' -> longLink = gnuName(size);
        default -> {
          return entry(extension, longName, longLink, size);
        }
      }
    }
  }

  /** Content of the current entry; -1 at its end. */
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (contentLeft == 0) {
      return -1;
    }
    int read = in.read(buffer, offset, (int) Math.min(length, contentLeft));
    if (read < 0) {
      throw truncated();
    }
    contentLeft -= read;
    return read;
  }

  private TarEntry entry(
      PaxHeader extension, @Nullable String longName, @Nullable String longLink, long headerSize)
      throws IOException {
    String name = extension.text("path", longName == null ? ustarName() : longName);
    current = name;
    if (extension.hasPrefix(SPARSE)) {
      throw new TarException("tar entry '" + name + "': sparse files are not supported");
    }
    TarEntry.Type type = type(name);
    long size = extension.number("size", headerSize);
    if (size < 0) {
      throw new TarException("tar entry '" + name + "': negative size " + size);
    }
    long content = type == TarEntry.Type.REGULAR ? size : 0;
    boolean hasContent = type == TarEntry.Type.REGULAR || type == TarEntry.Type.HARD_LINK;
    begin(hasContent ? size : 0);
    if (type == TarEntry.Type.HARD_LINK) {
      skipContent(); // some writers repeat the content
    }
    Map<String, byte[]> attributes = extension.attributes();
    return new TarEntry(
        name,
        type,
        (int) number(100, 8, "mode") & 07777,
        id(extension.number("uid", number(108, 8, "uid")), "uid"),
        id(extension.number("gid", number(116, 8, "gid")), "gid"),
        content,
        extension.nanos("mtime", number(136, 12, "mtime")),
        extension.text("linkpath", longLink == null ? text(157, 100) : longLink),
        type.isDevice() ? (int) number(329, 8, "devmajor") : 0,
        type.isDevice() ? (int) number(337, 8, "devminor") : 0,
        attributes);
  }

  private TarEntry.Type type(String name) throws TarException {
    byte flag = header[156];
    return switch (flag) {
      case 0, '0', '7' -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.REGULAR;
      case '1' -> TarEntry.Type.HARD_LINK;
      case '2' -> TarEntry.Type.SYMLINK;
      case '3' -> TarEntry.Type.CHARACTER;
      case '4' -> TarEntry.Type.BLOCK;
      case '5' -> TarEntry.Type.DIRECTORY;
      case '6' -> TarEntry.Type.FIFO;
      case 'S' ->
          throw new TarException("tar entry '" + name + "': sparse files are not supported");
      default ->
          throw new TarException(
              "tar entry '" + name + "': unknown type flag " + Byte.toUnsignedInt(flag));
    };
  }

  private String ustarName() throws TarException {
    String name = text(0, 100);
    boolean ustar = header[257] == 'u' && header[262] == 0;
    String prefix = ustar ? text(345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private static int id(long value, String what) throws TarException {
    if (value < 0 || value > 0xFFFFFFFFL) {
      throw new TarException("tar entry: " + what + " " + value + " is out of range");
    }
    return (int) value;
  }

  private void begin(long size) {
    contentLeft = size;
    padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
  }

  private void skipContent() throws IOException {
    long left = contentLeft + padding;
    while (left > 0) { // read, not skipped: a stream that hashes does not see what is skipped
      int read = in.read(skipped, 0, (int) Math.min(skipped.length, left));
      if (read < 0) {
        throw truncated();
      }
      left -= read;
    }
    contentLeft = 0;
    padding = 0;
  }

  /** Reads a header; false at a zero block or the end of the stream. */
  private boolean readBlock() throws IOException {
    int read = in.readNBytes(header, 0, BLOCK);
    if (read == 0) {
      return false;
    }
    if (read < BLOCK) {
      throw truncated();
    }
    int sum = 0;
    boolean zero = true;
    for (int i = 0; i < BLOCK; i++) {
      int value = i >= 148 && i < 156 ? ' ' : Byte.toUnsignedInt(header[i]);
      sum += value;
      zero &= header[i] == 0;
    }
    if (zero) {
      return false;
    }
    long wanted = number(148, 8, "checksum");
    if (wanted != sum) {
      throw new TarException(
          "not a tar stream: after '"
              + current
              + "' the header's checksum is "
              + wanted
              + ", its bytes give "
              + sum);
    }
    return true;
  }

  private byte[] extension(long size) throws IOException {
    if (size < 0 || size > MAX_EXTENSION) {
      throw new TarException(
          "after tar entry '"
              + current
              + "': extended header of "
              + size
              + " bytes, at most "
              + MAX_EXTENSION
              + " are read");
    }
    byte[] bytes = in.readNBytes((int) size);
    if (bytes.length < size) {
      throw truncated();
    }
    begin(0);
    padding = (int) ((BLOCK - size % BLOCK) % BLOCK);
    skipContent();
    return bytes;
  }

  private String gnuName(long size) throws IOException {
    byte[] bytes = extension(size);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return utf8(Arrays.copyOf(bytes, end));
  }

  private String text(int offset, int length) throws TarException {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return utf8(Arrays.copyOfRange(header, offset, end));
  }

  static String utf8(byte[] bytes) throws TarException {
    if (bytes.length > MAX_NAME) {
      throw new TarException(
          "tar entry: name of " + bytes.length + " bytes, at most " + MAX_NAME + " are allowed");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TarException(
          "tar entry: name '" + new String(bytes, StandardCharsets.ISO_8859_1) + "' is not UTF-8",
          e);
    }
  }

  /** A number in octal, or in base 256 where the first bit is set. */
  private long number(int offset, int length, String what) throws TarException {
    if ((header[offset] & 0x80) != 0) {
      long value = (header[offset] & 0x40) != 0 ? -1 : 0;
      for (int i = offset; i < offset + length; i++) {
        int digit = i == offset ? header[i] & 0x3F : Byte.toUnsignedInt(header[i]);
        if (i > offset && value > Long.MAX_VALUE >> 8) {
          throw new TarException("tar entry '" + current + "': " + what + " is out of range");
        }
        value = value << (i == offset ? 6 : 8) | digit;
      }
      return value;
    }
    long value = 0;
    for (int i = offset; i < offset + length; i++) {
      byte digit = header[i];
      if (digit == 0 || digit == ' ') {
        if (value == 0) {
          continue;
        }
        break;
      }
      if (digit < '0' || digit > '7') {
        throw new TarException(
            "tar entry after '" + current + "': " + what + " is not an octal number");
      }
      value = value << 3 | digit - '0';
    }
    return value;
  }

  private EOFException truncated() {
    return new EOFException("tar stream ends in the middle of entry '" + current + "'");
  }
}
