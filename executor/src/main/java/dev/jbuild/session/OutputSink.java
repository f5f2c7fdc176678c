package dev.jbuild.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

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
   * Like {@link #openFile(int)}, for a client that may want to know what comes.
   *
   * @param about what the exporter will answer, by response key
   */
  default OutputStream openFile(int exporter, Map<String, String> about) throws IOException {
    return openFile(exporter);
  }

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

  /**
   * A tree that becomes all that the output's directory holds: what is there beside it is deleted
   * when the tree is complete, and nothing before.
   *
   * @param exporter index of the exporter in the request
   * @throws BuildException when the client did not ask for that
   */
  default Tree openWhole(int exporter) throws IOException {
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "output " + exporter + ": the client deletes nothing: leave out mode=delete");
  }

  /**
   * The layout that an {@code oci} or {@code docker} export with {@code tar=false} is added to,
   * when it takes blobs only and the client names the image itself; empty when it is the {@link
   * #directory} of that output.
   *
   * @param exporter index of the exporter in the request
   */
  default Optional<Blobs> blobs(int exporter) {
    return Optional.empty();
  }

  /** Takes blobs. Safe for use by several threads. */
  interface Blobs {

    /**
     * Comes back when the client has the blob, which it checks.
     *
     * @param bytes opened when the client does not have them already
     */
    void put(Digest digest, long sizeBytes, Bytes bytes) throws IOException, InterruptedException;

    /** Gives a blob's bytes. */
    interface Bytes {
      InputStream open() throws IOException;
    }
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
