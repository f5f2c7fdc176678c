package dev.jbuild.dockerfile.shell;

/**
 * Expands words as the Dockerfile reference says, "Environment replacement": {@code $v}, {@code
 * ${v}} with {@code :- - :+ + :? ? # ## % %% / //}, quotes, escapes. Immutable, for any thread.
 *
 * <p>Time and memory are bounded: nesting, and the length of the result.
 */
public final class WordExpander {
  private final WordRules rules;

  private WordExpander(WordRules rules) {
    this.rules = rules;
  }

  /**
   * For instructions: quotes and escapes are used up, unset variables are empty.
   *
   * @param escape as the file's directive says
   */
  public static WordExpander forInstructions(char escape) {
    return new WordExpander(new WordRules(escape, WordRules.Quotes.REMOVED, false));
  }

  /** For heredoc contents: quotes are text, the escape is a backslash. */
  public static WordExpander forDocuments() {
    return new WordExpander(new WordRules('\\', WordRules.Quotes.TEXT, false));
  }

  /** For names shown to users: quotes stay, what is not set stays as written. */
  public static WordExpander forDisplay(char escape) {
    return new WordExpander(new WordRules(escape, WordRules.Quotes.KEPT, true));
  }

  public Expansion expand(String word, Variables variables) throws ShellSyntaxException {
    return expand(word, variables, new Growth());
  }

  /**
   * @param growth counts on, where the word is wrong, too
   */
  public Expansion expand(String word, Variables variables, Growth growth)
      throws ShellSyntaxException {
    return new WordReader(word, rules, variables, growth).expand();
  }
}
