package dev.jbuild.daemon.transport;

import io.netty.buffer.ByteBuf;

/**
 * Tells since when a client owes the rest of what it began to say: the preface, a frame, or the
 * frames of one call's headers. It checks nothing. Source: RFC 9113, sections 3.4, 4.1, and 6.10.
 */
final class FrameProgress {
  private static final int PREFACE_BYTES = 24;

  /** Length, type and flags; the stream's number comes after them. */
  private static final int HEAD_BYTES = 5;

  private static final int STREAM_BYTES = 4;
  private static final int HEADERS = 1;
  private static final int PUSH_PROMISE = 5;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;

  private boolean owes;
  private long since;

  /** Of the preface, or of what comes after a frame's head. */
  private int left = PREFACE_BYTES;

  private long head;
  private int headBytes;
  private boolean headersOpen;

  /** Whether something has begun and not ended. */
  boolean owes() {
    return owes;
  }

  /** When that has begun. */
  long since() {
    return since;
  }

  /**
   * Looks at what came; takes nothing of it.
   *
   * @param now of a clock in nanoseconds
   */
  void saw(ByteBuf bytes, long now) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (!owes) {
        owes = true;
        since = now;
      }
      if (left > 0) {
        int count = Math.min(left, end - at);
        at += count;
        left -= count;
        if (left == 0) {
          owes = headersOpen;
        }
      } else {
        head = head << 8 | bytes.getUnsignedByte(at);
        at++;
        headBytes++;
        if (headBytes == HEAD_BYTES) {
          begin((int) (head >>> 16) & 0xffffff, (int) (head >>> 8) & 0xff, (int) head & 0xff);
        }
      }
    }
  }

  private void begin(int length, int type, int flags) {
    left = STREAM_BYTES + length;
    head = 0;
    headBytes = 0;
    if (type == HEADERS || type == PUSH_PROMISE || type == CONTINUATION) {
      headersOpen = (flags & END_HEADERS) == 0;
    }
  }
}
