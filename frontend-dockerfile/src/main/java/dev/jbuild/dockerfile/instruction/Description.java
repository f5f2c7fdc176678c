package dev.jbuild.dockerfile.instruction;

/** Comments that describe a stage or an argument: {@code # name what it is for}. */
public final class Description {
  private Description() {}

  /** The description of this name, in any case, in the comment above it; or nothing. */
  public static String of(Instruction instruction, String name) {
    for (String line : instruction.statement().comments()) {
      if (line.regionMatches(true, 0, name + " ", 0, name.length() + 1)) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return "";
  }
}
