package dev.jbuild.session;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/** Takes what an exporter sends to the client. */
public interface OutputSink {

  /**
   * A single stream: a tarball. The caller closes it when all is written; when the export fails, it
   * drops the stream if it is {@link Droppable}, and then no file is left behind.
   *
   * @param exporter index of the exporter in the request
   */
  OutputStream openFile(int exporter) throws IOException;

  /**
   * The directory that a {@code local} export is written to, which exists and belongs to the
   * client.
   *
   * @param exporter index of the exporter in the request
   */
  Path directory(int exporter) throws IOException;

  /**
   * A tree of files that a {@code local} export writes.
   *
   * @param exporter index of the exporter in the request
   */
  default Tree openTree(int exporter) throws IOException {
    Path directory = directory(exporter);
    return new Tree() {
      @Override
      public Path path() {
        return directory;
      }

      @Override
      public void complete() {
        // It lies where it belongs.
      }

      @Override
      public void close() {
        // Nothing is held.
      }
    };
  }

  /** Where files are written, until they are complete and with the client. */
  interface Tree extends AutoCloseable {

    /** A directory that exists. */
    Path path();

    /** All is written; comes back when the client has it. */
    void complete() throws IOException, InterruptedException;

    /** Gives up what is held on the way. */
    @Override
    void close() throws IOException;
  }

  /** A stream of {@link #openFile} that can end without leaving a file behind. */
  interface Droppable {

    /** Ends the stream in place of closing it. */
    void drop() throws IOException;
  }
}
