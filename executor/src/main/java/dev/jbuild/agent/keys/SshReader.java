package dev.jbuild.agent.keys;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads values as ssh writes them. Source: RFC 4251, section 5. Not thread safe. */
final class SshReader {
  private final byte[] bytes;
  private int at;

  SshReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int number() throws IOException {
    byte[] four = take(4);
    return ByteBuffer.wrap(four).getInt();
  }

  byte[] string() throws IOException {
    return take(number());
  }

  String text() throws IOException {
    return new String(string(), StandardCharsets.UTF_8);
  }

  BigInteger integer() throws IOException {
    byte[] magnitude = string();
    return magnitude.length == 0 ? BigInteger.ZERO : new BigInteger(magnitude);
  }

  byte[] take(int length) throws IOException {
    if (length < 0 || length > bytes.length - at) {
      throw new IOException("ends too early");
    }
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }
}
