package dev.jbuild.dockerfile.shell;

/**
 * How a word is read.
 *
 * @param keepUnset whether a variable that is not set stays as written
 */
record WordRules(char escape, Quotes quotes, boolean keepUnset) {
  enum Quotes {
    /** They group, and are gone afterwards. */
    REMOVED,
    /** They group, and stay. */
    KEPT,
    /** They mean nothing. */
    TEXT
  }
}
