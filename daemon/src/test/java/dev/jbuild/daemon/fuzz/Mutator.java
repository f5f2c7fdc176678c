package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Changes a part of a conversation: its order, and its messages. */
public final class Mutator {
  private static final int MOST = 4;

  private final Change change;

  /** Changes what a message says; the result need not be one. */
  public interface Change {
    ByteString of(ByteString message, Random random);
  }

  /**
   * @param change knows what the messages mean
   */
  public Mutator(Change change) {
    this.change = change;
  }

  /** One of the parts, with a few changes, and pieces of the others. */
  public List<Turn> mutate(List<List<Turn>> parts, Random random) {
    var part = new ArrayList<>(parts.get(random.nextInt(parts.size())));
    for (int changes = 1 + random.nextInt(MOST); changes > 0 && !part.isEmpty(); changes--) {
      int at = random.nextInt(part.size());
      switch (random.nextInt(8)) {
        case 0 -> part.remove(at);
        case 1 -> part.add(at, part.get(random.nextInt(part.size())));
        case 2 -> part.add(random.nextInt(part.size()), part.remove(at));
        case 3 -> part.subList(at, part.size()).clear();
        case 4 -> splice(part, at, parts.get(random.nextInt(parts.size())), random);
        default -> say(part, at, random);
      }
    }
    return part;
  }

  private static void splice(List<Turn> into, int at, List<Turn> from, Random random) {
    if (!from.isEmpty()) {
      int begin = random.nextInt(from.size());
      int end = begin + 1 + random.nextInt(Math.min(6, from.size() - begin));
      into.addAll(at, from.subList(begin, end));
    }
  }

  /** Changes the next message from there. */
  private void say(List<Turn> part, int at, Random random) {
    for (int i = 0; i < part.size(); i++) {
      int index = (at + i) % part.size();
      if (part.get(index) instanceof Turn.Say say) {
        ByteString changed =
            random.nextInt(3) == 0
                ? bytes(say.message(), random)
                : change.of(say.message(), random);
        part.set(index, new Turn.Say(changed));
        return;
      }
    }
  }

  /** Changes bytes, whatever they mean. */
  public static ByteString bytes(ByteString message, Random random) {
    byte[] bytes = message.toByteArray();
    if (bytes.length == 0) {
      return ByteString.copyFrom(new byte[] {(byte) random.nextInt()});
    }
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> {
        return message.substring(0, at);
      }
      case 3 -> {
        return message.substring(0, at).concat(message.substring(at / 2));
      }
      default -> {
        for (int i = at; i < Math.min(bytes.length, at + 8); i++) {
          bytes[i] = (byte) random.nextInt();
        }
      }
    }
    return ByteString.copyFrom(bytes);
  }
}
