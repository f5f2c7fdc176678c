package dev.jbuild.tls;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;

/** Puts older forms of private keys into the one that the JDK reads. Source: RFC 5208, X.690. */
final class Pkcs8 {
  private static final int INTEGER = 0x02;
  private static final int OCTETS = 0x04;
  private static final int SEQUENCE = 0x30;
  private static final int PARAMETERS = 0xA0;

  private static final byte[] VERSION = HexFormat.of().parseHex("020100");

  /** rsaEncryption 1.2.840.113549.1.1.1 with its NULL. */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /** ecPublicKey 1.2.840.10045.2.1. */
  private static final byte[] CURVE = HexFormat.of().parseHex("06072a8648ce3d0201");

  private Pkcs8() {}

  /** From PKCS#1. */
  static byte[] ofRsa(byte[] key) {
    return tagged(SEQUENCE, VERSION, RSA, tagged(OCTETS, key));
  }

  /**
   * From SEC 1, which names its curve.
   *
   * @throws IllegalArgumentException when it does not
   */
  static byte[] ofCurve(byte[] key) {
    var outer = new Reader(key);
    var fields = new Reader(outer.expect(SEQUENCE));
    fields.expect(INTEGER);
    fields.expect(OCTETS);
    byte[] curve = fields.expect(PARAMETERS);
    return tagged(SEQUENCE, VERSION, tagged(SEQUENCE, CURVE, curve), tagged(OCTETS, key));
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    var all = new ByteArrayOutputStream();
    all.write(tag);
    if (length < 0x80) {
      all.write(length);
    } else {
      int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
      all.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        all.write(length >> (8 * i));
      }
    }
    all.writeBytes(content.toByteArray());
    return all.toByteArray();
  }

  /** Reads tagged values one after the other. */
  private static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] expect(int tag) {
      if (next() != tag) {
        throw new IllegalArgumentException("want the tag " + Integer.toHexString(tag));
      }
      int length = next();
      if (length > 0x83) {
        throw new IllegalArgumentException("a length of " + (length & 0x7F) + " bytes");
      }
      if (length > 0x80) {
        int count = length & 0x7F;
        length = 0;
        for (int i = 0; i < count; i++) {
          length = length << 8 | next();
        }
      }
      if (length > bytes.length - at) {
        throw new IllegalArgumentException("it ends early");
      }
      byte[] content = Arrays.copyOfRange(bytes, at, at + length);
      at += length;
      return content;
    }

    private int next() {
      if (at >= bytes.length) {
        throw new IllegalArgumentException("it ends early");
      }
      return bytes[at++] & 0xFF;
    }
  }
}
