package dev.jbuild.linux.bpf;

/**
 * Registers of 64 bits. A call takes its arguments in R1 to R5, gives its result in R0 and spoils
 * R0 to R5. A program starts with its context in R1 and ends with its answer in R0.
 */
public enum Register {
  R0(0),
  R1(1),
  R2(2),
  R3(3),
  R4(4),
  R5(5),
  R6(6),
  R7(7),
  R8(8),
  R9(9),
  /** Read only: the end of the stack, which reaches 512 bytes down from it. */
  STACK(10);

  private final int number;

  Register(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
