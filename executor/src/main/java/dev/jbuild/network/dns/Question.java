package dev.jbuild.network.dns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * A question as a step sent it, with what could be read of it. The bytes are forwarded as they are.
 * Source: RFC 1035 section 4, RFC 6891.
 */
final class Question {
  static final int HEADER_BYTES = 12;

  /** Longer ones nobody asks. */
  static final int MAX_BYTES = 4096;

  private static final int PLAIN_UDP_BYTES = 512;
  private static final int OPT_BYTES = 11;
  private static final int QR = 0x80;
  private static final int OPCODE_AND_RD = 0x79;
  private static final int TRUNCATED = 0x02;
  private static final int RA = 0x80;
  private static final int ONE_LABEL = 0x3f;
  private static final int TYPE_AND_CLASS_BYTES = 4;

  private final byte[] bytes;
  private final int end;
  private final int errorCode;
  private final String name;
  private final int type;
  private final @Nullable OPTRecord edns;

  private Question(
      byte[] bytes, int end, int errorCode, String name, int type, @Nullable OPTRecord edns) {
    this.bytes = bytes;
    this.end = end;
    this.errorCode = errorCode;
    this.name = name;
    this.type = type;
    this.edns = edns;
  }

  /** Null for what deserves no answer: no whole header, or itself an answer. */
  static @Nullable Question read(byte[] bytes) {
    if (bytes.length < HEADER_BYTES || (bytes[2] & QR) != 0) {
      return null;
    }
    try {
      var message = new Message(bytes);
      int end = endOfQuestion(bytes);
      var asked = message.getQuestion();
      int errorCode = Rcode.NOERROR;
      if (message.getHeader().getOpcode() != Opcode.QUERY) {
        errorCode = Rcode.NOTIMP;
      } else if (asked == null || message.getHeader().getCount(0) != 1 || end < 0) {
        errorCode = Rcode.FORMERR;
      } else if (isTransfer(asked.getType())) {
        errorCode = Rcode.NOTIMP;
      }
      if (errorCode != Rcode.NOERROR || asked == null) {
        return new Question(bytes, HEADER_BYTES, errorCode, "", 0, null);
      }
      return new Question(
          bytes, end, errorCode, text(asked.getName()), asked.getType(), message.getOPT());
    } catch (IOException | RuntimeException e) {
      // Whatever the parser trips over: the packet is broken.
      return new Question(bytes, HEADER_BYTES, Rcode.FORMERR, "", 0, null);
    }
  }

  /** Answers of several messages, for servers that copy each other. */
  private static boolean isTransfer(int type) {
    return type == Type.AXFR || type == Type.IXFR;
  }

  /** As it stands in journals and is compared: lower case, without the dot at the end. */
  static String text(Name name) {
    String plain = name.toString(true).toLowerCase(Locale.ROOT);
    return plain.isEmpty() ? "." : plain;
  }

  /** Where the only question ends, or -1 where that is not plain. */
  private static int endOfQuestion(byte[] bytes) {
    int at = HEADER_BYTES;
    while (at < bytes.length && bytes[at] != 0) {
      int label = bytes[at] & 0xff;
      if (label > ONE_LABEL) {
        return -1;
      }
      at += 1 + label;
    }
    int end = at + 1 + TYPE_AND_CLASS_BYTES;
    return end <= bytes.length ? end : -1;
  }

  /** What is to be answered without asking anybody; {@link Rcode#NOERROR} for a good question. */
  int errorCode() {
    return errorCode;
  }

  String name() {
    return name;
  }

  int type() {
    return type;
  }

  /** For example {@code AAAA}. */
  String typeText() {
    return Type.string(type);
  }

  int id() {
    return number(bytes, 0);
  }

  /** How much the step takes by UDP. */
  int udpBytes() {
    return edns == null ? PLAIN_UDP_BYTES : Math.max(PLAIN_UDP_BYTES, edns.getPayloadSize());
  }

  /** Equal for questions that differ in their id only. */
  String withoutId() {
    return new String(bytes, 2, bytes.length - 2, StandardCharsets.ISO_8859_1);
  }

  /** The message under another id. */
  byte[] withId(int id) {
    byte[] copy = bytes.clone();
    setId(copy, id);
    return copy;
  }

  private static int number(byte[] message, int at) {
    return ((message[at] & 0xff) << 8) | (message[at + 1] & 0xff);
  }

  static void setId(byte[] message, int id) {
    message[0] = (byte) (id >> 8);
    message[1] = (byte) id;
  }

  /**
   * Whether a message answers this question, asked under an id. A server that understood nothing
   * may leave the question out.
   */
  boolean isAnsweredBy(byte[] message, int askedId) {
    if (message.length < HEADER_BYTES || (message[2] & QR) == 0 || number(message, 0) != askedId) {
      return false;
    }
    int questions = number(message, 4);
    if (questions == 0) {
      int code = message[3] & 0xf;
      return code != Rcode.NOERROR && code != Rcode.NXDOMAIN;
    }
    return questions == 1 && hasSameQuestion(message);
  }

  private boolean hasSameQuestion(byte[] message) {
    if (message.length < end) {
      return false;
    }
    int names = end - TYPE_AND_CLASS_BYTES;
    for (int i = HEADER_BYTES; i < end; i++) {
      // Lengths of labels are smaller than any letter.
      boolean same = i < names ? fold(message[i]) == fold(bytes[i]) : message[i] == bytes[i];
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static int fold(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
  }

  /** An answer of our own: nothing but a code. */
  byte[] failure(int code) {
    return answer((byte) (QR | (bytes[2] & OPCODE_AND_RD)), (byte) (RA | (code & 0xf)));
  }

  /** What fits in the place of an answer that is too large; makes the step ask by TCP. */
  byte[] truncated(byte[] answer) {
    return answer((byte) (answer[2] | TRUNCATED), answer[3]);
  }

  private byte[] answer(byte flags, byte flagsAndCode) {
    boolean withOpt = edns != null;
    var out = ByteBuffer.allocate(end + (withOpt ? OPT_BYTES : 0));
    out.put(bytes, 0, 2).put(flags).put(flagsAndCode);
    out.putShort((short) (end > HEADER_BYTES ? 1 : 0)).putShort((short) 0);
    out.putShort((short) 0).putShort((short) (withOpt ? 1 : 0));
    out.put(bytes, HEADER_BYTES, end - HEADER_BYTES);
    if (edns != null) {
      int flagsTtl = edns.getFlags() & ExtendedFlags.DO;
      out.put((byte) 0).putShort((short) Type.OPT).putShort((short) MAX_BYTES);
      out.putInt(flagsTtl).putShort((short) 0);
    }
    return out.array();
  }
}
