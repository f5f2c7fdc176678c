package dev.jbuild.linux;

import java.nio.file.Path;

/**
 * An open file descriptor of this process, closed on {@code exec}. Whoever received it closes it;
 * closing twice does nothing.
 */
public interface Descriptor extends AutoCloseable {

  /** The number; only valid until {@link #close()}. */
  int number();

  /**
   * A path that opens the same file, in this process and (for those who may trace it) in others:
   * {@code /proc/<pid>/fd/<number>}.
   */
  Path path();

  @Override
  void close();
}
