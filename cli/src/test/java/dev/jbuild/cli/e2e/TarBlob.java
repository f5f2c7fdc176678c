package dev.jbuild.cli.e2e;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * A tar read by the tests alone, so that what jbuild writes is not judged by what jbuild reads.
 * Source: POSIX pax, "ustar Interchange Format" and "pax Header Block".
 */
final class TarBlob {
  private static final int BLOCK = 512;

  private final byte[] bytes;
  private final List<Entry> entries = new ArrayList<>();
  private int at;

  /**
   * @param type as in the header: 0 file, 1 hard link, 2 symbolic link, 3 character device, 5
   *     directory, 6 fifo
   * @param mtimeSeconds since 1970
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(
      String name,
      char type,
      int mode,
      long uid,
      long gid,
      long mtimeSeconds,
      String link,
      Map<String, byte[]> attributes,
      byte[] content) {}

  private TarBlob(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The entries in their order; a blob may be compressed by gzip. */
  static List<Entry> read(byte[] blob) throws IOException {
    var tar = new TarBlob(plain(blob));
    tar.readAll();
    return tar.entries;
  }

  static byte[] plain(byte[] blob) throws IOException {
    if (blob.length < 2 || (blob[0] & 0xff) != 0x1f || (blob[1] & 0xff) != 0x8b) {
      return blob;
    }
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(blob))) {
      return in.readAllBytes();
    }
  }

  private void readAll() throws IOException {
    Map<String, byte[]> pax = new HashMap<>();
    while (at < bytes.length && bytes[at] != 0) {
      int header = at;
      at += BLOCK;
      char type = bytes[header + 156] == 0 ? '0' : (char) bytes[header + 156];
      byte[] size = pax.get("size");
      int length =
          size == null
              ? Math.toIntExact(number(header + 124, 12))
              : Integer.parseInt(new String(size, StandardCharsets.UTF_8));
      byte[] content = Arrays.copyOfRange(bytes, at, at + length);
      at += (length + BLOCK - 1) / BLOCK * BLOCK;
      switch (type) {
        case 'x' -> pax = records(content);
        case 'g' -> {}
        case '0', '1', '2', '3', '5', '6' -> {
          entries.add(entry(header, type, pax, content));
          pax = new HashMap<>();
        }
        default -> throw new IOException("entry of type '" + type + "' in a layer");
      }
    }
  }

  private Entry entry(int header, char type, Map<String, byte[]> pax, byte[] content)
      throws IOException {
    String name = text(header, 100);
    String prefix = text(header + 345, 155);
    String full = prefix.isEmpty() ? name : prefix + "/" + name;
    var attributes = new LinkedHashMap<String, byte[]>();
    pax.forEach(
        (key, value) -> {
          if (key.startsWith("SCHILY.xattr.")) {
            attributes.put(key.substring("SCHILY.xattr.".length()), value);
          }
        });
    return new Entry(
        pax.containsKey("path") ? utf8(pax.get("path")) : full,
        type,
        Math.toIntExact(number(header + 100, 8)),
        pax.containsKey("uid") ? Long.parseLong(utf8(pax.get("uid"))) : number(header + 108, 8),
        pax.containsKey("gid") ? Long.parseLong(utf8(pax.get("gid"))) : number(header + 116, 8),
        number(header + 136, 12),
        pax.containsKey("linkpath") ? utf8(pax.get("linkpath")) : text(header + 157, 100),
        attributes,
        content);
  }

  private static String utf8(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  private static Map<String, byte[]> records(byte[] content) throws IOException {
    var records = new HashMap<String, byte[]>();
    int from = 0;
    while (from < content.length) {
      int blank = from;
      while (content[blank] != ' ') {
        blank++;
      }
      int length = Integer.parseInt(utf8(Arrays.copyOfRange(content, from, blank)));
      int equals = blank;
      while (content[equals] != '=') {
        equals++;
      }
      if (content[from + length - 1] != '\n') {
        throw new IOException("a pax record has no end");
      }
      records.put(
          utf8(Arrays.copyOfRange(content, blank + 1, equals)),
          Arrays.copyOfRange(content, equals + 1, from + length - 1));
      from += length;
    }
    return records;
  }

  private String text(int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    return utf8(Arrays.copyOfRange(bytes, from, end));
  }

  private long number(int from, int length) throws IOException {
    if (bytes[from] < 0) {
      throw new IOException("a number in base 256");
    }
    String digits = text(from, length).strip();
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }
}
