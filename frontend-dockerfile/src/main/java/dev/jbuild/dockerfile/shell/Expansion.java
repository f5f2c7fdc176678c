package dev.jbuild.dockerfile.shell;

import java.util.List;
import java.util.Set;

/**
 * A word after expansion.
 *
 * @param text all of it, white space kept
 * @param words cut at white space that was neither quoted nor escaped, empty ones dropped
 * @param used variables that were read and set
 * @param unset variables that were read with no value and no default, in order
 */
public record Expansion(String text, List<String> words, Set<String> used, Set<String> unset) {
  public Expansion {
    words = List.copyOf(words);
  }
}
