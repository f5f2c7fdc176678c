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

  /** A stream of {@link #openFile} that can end without leaving a file behind. */
  interface Droppable {

    /** Ends the stream in place of closing it. */
    void drop() throws IOException;
  }
}
