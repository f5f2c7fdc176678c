package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import java.util.List;

/** A piece of one side's part in a conversation. */
public sealed interface Turn {

  /** A message that this side sends, as its bytes. */
  record Say(ByteString message) implements Turn {}

  /** A message of the other side, which this side waits for before it goes on. */
  record Hear(ByteString message) implements Turn {}

  /** A message of a conversation between two, as it was heard by a third. */
  record Spoken(boolean byCaller, ByteString message) {}

  /** One side's part of what was spoken. */
  static List<Turn> part(List<Spoken> conversation, boolean caller) {
    return conversation.stream()
        .<Turn>map(
            spoken ->
                spoken.byCaller() == caller
                    ? new Say(spoken.message())
                    : new Hear(spoken.message()))
        .toList();
  }
}
