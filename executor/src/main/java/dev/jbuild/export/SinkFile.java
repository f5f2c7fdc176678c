package dev.jbuild.export;

import dev.jbuild.session.OutputSink;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Sends one file to the client, whole or not at all. */
public final class SinkFile {
  private static final String SENDING = "sending tarball";
  private static final int BUFFER = 1 << 17;

  private SinkFile() {}

  /** Writes the file's bytes. */
  public interface Content {
    void writeTo(OutputStream out) throws IOException, InterruptedException;
  }

  /**
   * Sends it; shown as one piece of progress.
   *
   * @param about what the client is told of it beforehand, by response key
   */
  public static void send(ExportContext context, Map<String, String> about, Content content)
      throws IOException, InterruptedException {
    context.started(SENDING);
    OutputStream out = context.outputs().openFile(context.index(), about);
    boolean whole = false;
    try {
      var buffered = new BufferedOutputStream(out, BUFFER);
      content.writeTo(buffered);
      buffered.flush();
      out.close();
      whole = true;
    } finally {
      if (!whole && out instanceof OutputSink.Droppable droppable) {
        droppable.drop();
      }
    }
    context.done(SENDING);
  }
}
