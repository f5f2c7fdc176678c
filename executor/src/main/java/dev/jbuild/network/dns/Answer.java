package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A resolver's answer, with what could be read of it: an answer with records that cannot be read
 * still goes to the step, which may know better. Source: RFC 1035 sections 3.6.2 and 4.
 */
final class Answer {
  private static final int MAX_ALIASES = 32;
  private static final int MAX_VALUES = 32;
  private static final int MAX_VALUE_CHARS = 256;
  private static final int TRUNCATED = 0x02;

  private final byte[] bytes;
  private final int code;
  private final List<InetAddress> addresses;
  private final List<String> values;
  private final int ttlSeconds;

  private Answer(
      byte[] bytes, int code, List<InetAddress> addresses, List<String> values, int ttlSeconds) {
    this.bytes = bytes;
    this.code = code;
    this.addresses = List.copyOf(addresses);
    this.values = List.copyOf(values);
    this.ttlSeconds = ttlSeconds;
  }

  /** Reads a message that {@link Question#isAnsweredBy} found to fit. */
  static Answer read(Question question, byte[] bytes) {
    try {
      var message = new Message(bytes);
      var asked = message.getQuestion();
      if (asked == null || message.getHeader().getFlag(Flags.TC)) {
        return bare(bytes, message.getRcode());
      }
      return read(question, bytes, message, asked.getName());
    } catch (IOException | RuntimeException e) {
      // Whatever the parser trips over: nothing is learnt from this answer.
      return bare(bytes, bytes[3] & 0xf);
    }
  }

  private static Answer bare(byte[] bytes, int code) {
    return new Answer(bytes, code, List.of(), List.of(), 0);
  }

  private static Answer read(Question question, byte[] bytes, Message message, Name asked) {
    List<Record> records = message.getSection(Section.ANSWER);
    long ttl = Integer.MAX_VALUE;
    Set<Name> aliases = new HashSet<>();
    Name owner = asked;
    boolean more = true;
    while (more && aliases.add(owner) && aliases.size() < MAX_ALIASES) {
      more = false;
      for (Record record : records) {
        if (record instanceof CNAMERecord alias
            && alias.getName().equals(owner)
            && question.type() != Type.CNAME) {
          ttl = Math.min(ttl, alias.getTTL());
          owner = alias.getTarget();
          more = true;
          break;
        }
      }
    }
    var addresses = new ArrayList<InetAddress>();
    var values = new ArrayList<String>();
    for (Record record : records) {
      boolean asks = record.getType() == question.type() || question.type() == Type.ANY;
      if (asks && record.getName().equals(owner)) {
        ttl = Math.min(ttl, record.getTTL());
        InetAddress address = address(record);
        if (address != null) {
          addresses.add(address);
        }
        if (values.size() < MAX_VALUES) {
          values.add(address == null ? text(record) : address.getHostAddress());
        }
      }
    }
    int seconds = Math.clamp(ttl, 0, Integer.MAX_VALUE);
    return new Answer(bytes, message.getRcode(), addresses, values, seconds);
  }

  private static @Nullable InetAddress address(Record record) {
    try {
      byte[] plain =
          switch (record) {
            case ARecord a -> a.getAddress().getAddress();
            case AAAARecord aaaa -> aaaa.getAddress().getAddress();
            default -> null;
          };
      return plain == null ? null : InetAddress.getByAddress(plain);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(Record record) {
    String text = record.rdataToString();
    String plain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    return plain.length() <= MAX_VALUE_CHARS ? plain : plain.substring(0, MAX_VALUE_CHARS) + "...";
  }

  /** The message; whoever sends it copies it first where it needs another id. */
  byte[] withId(int id) {
    byte[] copy = bytes.clone();
    Question.setId(copy, id);
    return copy;
  }

  int sizeBytes() {
    return bytes.length;
  }

  boolean isTruncated() {
    return (bytes[2] & TRUNCATED) != 0;
  }

  /** With the upper bits that EDNS adds. */
  int code() {
    return code;
  }

  /** Whether another server may know more. */
  boolean isRefusal() {
    return code == Rcode.SERVFAIL || code == Rcode.REFUSED || code == Rcode.NOTIMP;
  }

  /** Of the name asked for or of what it is an alias of. */
  List<InetAddress> addresses() {
    return addresses;
  }

  /** For people: addresses, or what other types say; at most 32. */
  List<String> values() {
    return values;
  }

  /** How long the addresses may be kept. */
  int ttlSeconds() {
    return ttlSeconds;
  }
}
