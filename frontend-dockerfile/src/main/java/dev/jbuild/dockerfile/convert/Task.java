package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;

/**
 * An instruction that a stage has to carry out.
 *
 * @param words of the file that the instruction stands in: the Dockerfile, or a trigger of an image
 * @param location in the Dockerfile; of FROM for a trigger
 * @param trigger whether it is an ONBUILD trigger of what the stage builds on
 */
record Task(Instruction instruction, Words words, SourceLocation location, boolean trigger) {

  SourceRange range() {
    return instruction.range();
  }
}
