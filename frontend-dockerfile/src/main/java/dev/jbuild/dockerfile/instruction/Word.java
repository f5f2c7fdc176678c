package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.llb.SourceRange;

/**
 * A piece of an instruction that is still to be expanded.
 *
 * @param text as it goes into the expansion
 * @param origin where it stands; its text differs where quotes of JSON or flags are gone
 */
public record Word(String text, Fragment origin) {

  public static Word of(Fragment fragment) {
    return new Word(fragment.text(), fragment);
  }

  public SourceRange range() {
    return origin.range();
  }

  /** The place from this offset in the text on, or the whole word when it is not known so well. */
  public SourceRange rangeFrom(int offset) {
    boolean exact = origin.length() == text.length() && offset < origin.length();
    return exact ? origin.slice(offset, origin.length()).range() : origin.range();
  }
}
