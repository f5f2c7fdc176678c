package dev.jbuild.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * A pseudoterminal, seen from the side of the person in front of it. Safe for use by several
 * threads. Source: pty(7).
 */
public interface Terminal extends AutoCloseable {

  /** What the programs in it open. */
  Path path();

  /** What they write: it ends when the last one has closed the terminal. Reading blocks. */
  InputStream output();

  /** What is typed; closing it types the character that ends a file. */
  OutputStream input();

  /** Sets its size in characters; programs are not told. */
  void resize(int rows, int columns) throws IOException;

  @Override
  void close() throws IOException;
}
