package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Frames of HTTP/2, and what becomes of them by chance. Source: RFC 9113, section 4.1. */
public final class FrameChange implements Mutator.Change {
  private static final int HEAD_BYTES = 9;
  private static final int TYPES = 12;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GO_AWAY = 7;
  private static final int WINDOW = 8;
  private static final int CONTINUATION = 9;
  private static final int GIANT_BYTES = 16_000;

  /** Splits what came by now; the rest stays. */
  public static List<ByteString> split(ByteBuffer bytes) {
    var frames = new ArrayList<ByteString>();
    while (bytes.remaining() >= HEAD_BYTES) {
      int at = bytes.position();
      int length = HEAD_BYTES + (bytes.getInt(at) >>> 8);
      if (bytes.remaining() < length) {
        break;
      }
      frames.add(ByteString.copyFrom(bytes.slice(at, length)));
      bytes.position(at + length);
    }
    return frames;
  }

  /** What a frame is about: content, or its kind and stream when that is not the same each time. */
  public static ByteString key(ByteString frame) {
    return frame.byteAt(3) == 0
        ? frame
        : frame.substring(3, 4).concat(frame.substring(5, HEAD_BYTES));
  }

  /** Whether it comes in each run of a conversation: headers and content. */
  public static boolean isSteady(ByteString frame) {
    return frame.byteAt(3) <= HEADERS;
  }

  @Override
  public ByteString of(ByteString message, Random random) {
    if (message.size() < HEAD_BYTES) {
      return Mutator.bytes(message, random);
    }
    byte[] frame = message.toByteArray();
    switch (random.nextInt(8)) {
      case 0 -> frame[3] = (byte) random.nextInt(TYPES);
      case 1 -> frame[4] ^= (byte) (1 << random.nextInt(8));
      case 2 -> frame[8] = (byte) random.nextInt(12);
      case 3 -> frame[random.nextInt(3)] = (byte) random.nextInt();
      case 4 -> {
        return message.concat(any(random));
      }
      case 5 -> {
        return giant(frame[8], random);
      }
      default -> {
        int at = Math.min(frame.length - 1, HEAD_BYTES + random.nextInt(frame.length));
        frame[at] = (byte) random.nextInt();
      }
    }
    return ByteString.copyFrom(frame);
  }

  private static ByteString frame(int type, int flags, int stream, byte[] content) {
    ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + content.length);
    frame.putInt(content.length << 8 | type).put((byte) flags).putInt(stream).put(content);
    return ByteString.copyFrom(frame.flip());
  }

  /** A frame that the other side did not wait for. */
  private static ByteString any(Random random) {
    int stream = random.nextInt(8);
    byte[] number = ByteBuffer.allocate(4).putInt(random.nextInt()).array();
    return switch (random.nextInt(6)) {
      case 0 -> frame(RESET, 0, stream, number);
      case 1 ->
          frame(
              SETTINGS,
              0,
              0,
              ByteBuffer.allocate(6)
                  .putShort((short) random.nextInt(8))
                  .putInt(random.nextInt(3) == 0 ? 0 : random.nextInt())
                  .array());
      case 2 -> frame(PING, random.nextInt(2), 0, new byte[8]);
      case 3 -> frame(GO_AWAY, 0, 0, new byte[8]);
      case 4 -> frame(WINDOW, 0, stream, number);
      default -> frame(random.nextInt(256), random.nextInt(256), stream, number);
    };
  }

  /** Headers of a size that nobody takes, and perhaps without an end. */
  private static ByteString giant(int stream, Random random) {
    // A header that is not kept in the table: its name and value as they are.
    var text = new byte[GIANT_BYTES];
    java.util.Arrays.fill(text, (byte) 'a');
    ByteBuffer first = ByteBuffer.wrap(text);
    first.put((byte) 0).put((byte) 1).put((byte) 'x').put((byte) 0x7f);
    first.put((byte) 0xff).put((byte) 0xff).put((byte) 0xff).put((byte) 7);
    ByteString all = frame(HEADERS, 0, stream, text.clone());
    for (int i = random.nextInt(600); i > 0; i--) {
      all = all.concat(frame(CONTINUATION, 0, stream, text));
    }
    return random.nextBoolean() ? all : all.concat(frame(CONTINUATION, 4, stream, new byte[0]));
  }
}
