package dev.jbuild.diff;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The records of an extended header, {@code "%d %s=%s\n"} each; values stay bytes. */
final class PaxHeader {
  static final String ATTRIBUTE = "SCHILY.xattr.";

  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

  private final Map<String, byte[]> records = new TreeMap<>();

  void read(byte[] bytes) throws TarException {
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      int length = 0;
      while (space < bytes.length
          && bytes[space] >= '0'
          && bytes[space] <= '9'
          && length <= bytes.length) {
        length = length * 10 + bytes[space] - '0';
        space++;
      }
      if (space >= bytes.length
          || bytes[space] != ' '
          || length <= space - at + 1
          || length > bytes.length - at
          || bytes[at + length - 1] != '\n') {
        throw malformed(at);
      }
      int equals = space + 1;
      while (equals < at + length && bytes[equals] != '=') {
        equals++;
      }
      if (equals == at + length) {
        throw malformed(at);
      }
      String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      records.put(key, Arrays.copyOfRange(bytes, equals + 1, at + length - 1));
      at += length;
    }
  }

  boolean hasPrefix(String prefix) {
    return records.keySet().stream().anyMatch(key -> key.startsWith(prefix));
  }

  String text(String key, String otherwise) throws TarException {
    byte[] value = records.get(key);
    return value == null ? otherwise : TarReader.utf8(value);
  }

  long number(String key, long otherwise) throws TarException {
    byte[] value = records.get(key);
    if (value == null) {
      return otherwise;
    }
    String text = new String(value, StandardCharsets.US_ASCII);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new TarException("tar extended header: " + key + " '" + text + "' is not a number", e);
    }
  }

  /** Seconds with a fraction, as nanoseconds; the range is that of {@code long}. */
  long nanos(String key, long otherwiseSeconds) throws TarException {
    byte[] value = records.get(key);
    String text =
        value == null
            ? Long.toString(otherwiseSeconds)
            : new String(value, StandardCharsets.US_ASCII);
    if (text.length() > 40 || text.indexOf('e') >= 0 || text.indexOf('E') >= 0) {
      throw new TarException("tar extended header: " + key + " is out of range");
    }
    try {
      return new BigDecimal(text).multiply(NANOS).toBigInteger().longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new TarException("tar extended header: " + key + " '" + text + "' is out of range", e);
    }
  }

  /** Extended attributes by name. */
  Map<String, byte[]> attributes() {
    var attributes = new TreeMap<String, byte[]>();
    records.forEach(
        (key, value) -> {
          if (key.startsWith(ATTRIBUTE)) {
            attributes.put(key.substring(ATTRIBUTE.length()), value);
          }
        });
    return attributes;
  }

  private static TarException malformed(int at) {
    return new TarException("tar extended header: malformed record at byte " + at);
  }
}
