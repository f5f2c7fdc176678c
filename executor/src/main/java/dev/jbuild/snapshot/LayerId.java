package dev.jbuild.snapshot;

import java.util.regex.Pattern;

/** Names one layer of the store, for as long as the store lives. */
public record LayerId(String value) {
  private static final Pattern SAFE = Pattern.compile("[0-9a-z]{1,64}");

  public LayerId {
    if (!SAFE.matcher(value).matches()) {
      throw new IllegalArgumentException("layer id: want 1 to 64 of [0-9a-z], got '" + value + "'");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
