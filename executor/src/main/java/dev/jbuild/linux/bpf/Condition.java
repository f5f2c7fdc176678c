package dev.jbuild.linux.bpf;

/** When a jump is taken; numbers count as unsigned. */
public enum Condition {
  EQUAL(0x10),
  GREATER(0x20),
  GREATER_OR_EQUAL(0x30),
  /** A bit of the second is set in the first. */
  ANY_BIT(0x40),
  NOT_EQUAL(0x50),
  LESS(0xa0),
  LESS_OR_EQUAL(0xb0);

  private final int code;

  Condition(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
