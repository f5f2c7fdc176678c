package dev.jbuild.network.dns;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Loads what reads messages, which would cost the first question tens of milliseconds. */
final class Warmth {
  /** A question for an address of the root, and an answer to it. */
  private static final String QUESTION = "0001010000010000000000000000010001";

  private static final String ANSWER =
      "0001818000010001000000000000010001" + "0000010001" + "0000003c0004c0000201";

  private Warmth() {}

  /** The answer's addresses: one. */
  static int load() {
    @Nullable Question question = Question.read(HexFormat.of().parseHex(QUESTION));
    if (question == null) {
      throw new IllegalStateException("a good question was not read");
    }
    return Answer.read(question, HexFormat.of().parseHex(ANSWER)).addresses().size();
  }
}
