package dev.jbuild.diff;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells what a decompressor finds wrong as the fault of the stream, not of the machine. */
final class PackedStream extends FilterInputStream {

  PackedStream(InputStream decompressed) {
    super(decompressed);
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      return in.read(bytes, offset, length);
    } catch (IOException e) {
      throw damaged(e);
    }
  }

  private static TarException damaged(IOException failure) {
    String why =
        failure instanceof EOFException || failure.getMessage() == null
            ? "it is cut off"
            : failure.getMessage();
    return new TarException("compressed stream: " + why, failure);
  }
}
