package dev.jbuild.linux.bpf;

/**
 * Registers of 64 bits. A call takes its arguments in R1 to R5, gives its result in R0 and spoils
 * R0 to R5. A program starts with its context in R1 and ends with its answer in R0.
 */
public enum Register {
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R8,
  R9,
  /** Read only: the end of the stack, which reaches 512 bytes down from it. */
  STACK
}
