package dev.jbuild.agent.keys;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/** Writes values as ssh reads them. Source: RFC 4251, section 5. Not thread safe. */
final class SshWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  SshWriter octet(int value) {
    out.write(value);
    return this;
  }

  SshWriter number(int value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write(value >>> shift);
    }
    return this;
  }

  SshWriter string(byte[] bytes) {
    number(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  SshWriter text(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  SshWriter integer(BigInteger value) {
    return string(value.signum() == 0 ? new byte[0] : value.toByteArray());
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
