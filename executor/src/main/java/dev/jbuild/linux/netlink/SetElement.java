package dev.jbuild.linux.netlink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An element of a set or map.
 *
 * @param key its parts, in the order of the set's type
 * @param end of an interval, itself included, for sets of several parts with {@code flags
 *     interval}; all parts are given, those that are no interval as in the key; null for a single
 *     value
 * @param data of a map, null for a set; not needed to delete
 * @param timeoutMillis 0 for the set's own, or none
 */
public record SetElement(
    ElementKey key, @Nullable ElementKey end, @Nullable Data data, long timeoutMillis) {
  private static final int KEY = 1;
  private static final int DATA = 2;
  private static final int TIMEOUT = 4;
  private static final int KEY_END = 10;
  private static final int DATA_VALUE = 1;
  private static final int DATA_VERDICT = 2;
  private static final int VERDICT_CODE = 1;
  private static final int VERDICT_CHAIN = 2;

  /** What a map gives for a key. */
  public sealed interface Data {}

  /** An address, a port or both. */
  public record Value(ElementKey value) implements Data {}

  /** Goes on in a chain and comes back from there. */
  public record Jump(String chain) implements Data {
    private static final int CODE = -3;
  }

  /** Goes on in a chain for good. */
  public record Goto(String chain) implements Data {
    private static final int CODE = -4;
  }

  /** An element of a set. */
  public static SetElement of(ElementKey key) {
    return new SetElement(key, null, null, 0);
  }

  /** With an end of the interval that the key begins. */
  public SetElement to(ElementKey last) {
    return new SetElement(key, last, data, timeoutMillis);
  }

  /** With what a map gives for it. */
  public SetElement giving(Data value) {
    return new SetElement(key, end, value, timeoutMillis);
  }

  /** With a timeout; the set needs {@code flags timeout}. */
  public SetElement forMillis(long millis) {
    return new SetElement(key, end, data, millis);
  }

  void write(Batch batch) {
    value(batch, KEY, key);
    if (end != null) {
      value(batch, KEY_END, end);
    }
    if (data != null) {
      switch (data) {
        case Value value -> value(batch, DATA, value.value());
        case Jump jump -> verdict(batch, Jump.CODE, jump.chain());
        case Goto goes -> verdict(batch, Goto.CODE, goes.chain());
      }
    }
    if (timeoutMillis > 0) {
      batch.bytes(TIMEOUT, ByteBuffer.allocate(Long.BYTES).putLong(timeoutMillis).array());
    }
  }

  private static void value(Batch batch, int type, ElementKey value) {
    int start = batch.begin(type);
    batch.bytes(DATA_VALUE, value.bytes()).end(start);
  }

  private static void verdict(Batch batch, int code, String chain) {
    int start = batch.begin(DATA);
    int verdict = batch.begin(DATA_VERDICT);
    batch.bytes(VERDICT_CODE, ByteBuffer.allocate(Integer.BYTES).putInt(code).array());
    batch.text(VERDICT_CHAIN, chain).end(verdict).end(start);
  }

  /** Reads the answers to {@link SetBatch#list}; verdicts other than jump and goto are null. */
  public static List<SetElement> read(List<Reply> replies) throws IOException {
    var elements = new ArrayList<SetElement>();
    for (var reply : replies) {
      if (reply.type() == SetBatch.NEWSETELEM) {
        var list = reply.attributes(SetBatch.HEADER_BYTES).list(SetBatch.LIST_ELEMENTS);
        for (var attributes : list) {
          elements.add(read(attributes));
        }
      }
    }
    return elements;
  }

  private static SetElement read(Attributes from) throws IOException {
    byte[] key = from.nested(KEY).bytes(DATA_VALUE);
    byte[] end = from.nested(KEY_END).bytes(DATA_VALUE);
    return new SetElement(
        ElementKey.of(key),
        end.length == 0 ? null : ElementKey.of(end),
        data(from.nested(DATA)),
        from.bigEndian64(TIMEOUT, 0));
  }

  private static @Nullable Data data(Attributes from) throws IOException {
    byte[] value = from.bytes(DATA_VALUE);
    if (value.length > 0) {
      return new Value(ElementKey.of(value));
    }
    var verdict = from.nested(DATA_VERDICT);
    byte[] code = verdict.bytes(VERDICT_CODE);
    String chain = verdict.text(VERDICT_CHAIN);
    int number = code.length == Integer.BYTES ? ByteBuffer.wrap(code).getInt() : 0;
    return switch (number) {
      case Jump.CODE -> new Jump(chain);
      case Goto.CODE -> new Goto(chain);
      default -> null;
    };
  }
}
