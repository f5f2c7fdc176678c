package dev.jbuild.mount;

import java.util.List;

/**
 * A mount as data: what storage hands to the sandbox.
 *
 * @param type {@code overlay}, {@code bind}, {@code tmpfs}, ...
 * @param source path, or the type's name where there is none
 * @param options as {@code mount(8)} spells them: {@code ro}, {@code rbind}, {@code size=64m}; for
 *     overlay also {@code lowerdir=}, one entry per layer, top first, {@code upperdir=} and {@code
 *     workdir=}
 */
public record Mount(String type, String source, List<String> options) {
  public Mount {
    options = List.copyOf(options);
  }

  /** A bind of a directory or file. */
  public static Mount bind(String source, boolean readonly) {
    return new Mount("bind", source, List.of("rbind", readonly ? "ro" : "rw"));
  }
}
