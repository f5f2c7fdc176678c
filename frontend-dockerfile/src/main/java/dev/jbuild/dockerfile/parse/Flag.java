package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import org.jspecify.annotations.Nullable;

/**
 * {@code --name} or {@code --name=value} in front of an instruction's arguments.
 *
 * @param name without dashes
 * @param value with quotes and escapes taken away, null without {@code =}
 * @param token all of it as written
 * @param nameRange of {@code --name}
 */
public record Flag(String name, @Nullable String value, Fragment token, SourceRange nameRange) {

  /** The value as written; the whole token when there is none. */
  public Fragment rawValue() {
    int equals = token.text().indexOf('=');
    return equals < 0 ? token : token.slice(equals + 1, token.length());
  }
}
