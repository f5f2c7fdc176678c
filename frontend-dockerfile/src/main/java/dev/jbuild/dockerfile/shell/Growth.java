package dev.jbuild.dockerfile.shell;

/**
 * Counts the text that variables brought into words, also text of which nothing stayed: what
 * expansions cost in time and memory. Not thread safe.
 */
public final class Growth {
  private long characters;

  public void add(int more) {
    characters += more;
  }

  public long characters() {
    return characters;
  }
}
