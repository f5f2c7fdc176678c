package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * The beginning of TLS, changed by chance, or something else in its place.
 *
 * @param bytes that are said, and then nothing
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares or changes them
record BrokenHandshake(byte[] bytes) {

  static BrokenHandshake by(Random random, SSLContext context) throws SSLException {
    byte[] hello = hello(context);
    int at = random.nextInt(hello.length);
    return new BrokenHandshake(
        switch (random.nextInt(6)) {
          case 0 -> new byte[0];
          case 1 -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
          case 2 -> Arrays.copyOf(hello, at);
          case 3 -> twice(hello);
          case 4 -> noise(random);
          default -> {
            for (int i = random.nextInt(5); i >= 0; i--) {
              hello[random.nextInt(hello.length)] = (byte) random.nextInt();
            }
            yield hello;
          }
        });
  }

  private static byte[] hello(SSLContext context) throws SSLException {
    SSLEngine engine = context.createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    engine.beginHandshake();
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    return Arrays.copyOf(hello.array(), hello.position());
  }

  private static byte[] twice(byte[] bytes) {
    byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
    System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
    return twice;
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(20_000)];
    random.nextBytes(noise);
    return noise;
  }

  /** Says it, listens a little, and hangs up. */
  void play(Line.Dial dial) throws IOException {
    try (Line line = dial.connect()) {
      line.say(bytes);
      if (bytes.length % 2 == 0) {
        line.hear(new byte[1 << 14]);
      }
    } catch (IOException over) {
      if (String.valueOf(over.getMessage()).contains("refused")) {
        throw over; // there is no daemon
      }
    }
  }
}
