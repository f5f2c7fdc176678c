package dev.jbuild.export;

import java.util.Map;

/** One kind of output. Safe for use by several threads. */
public interface Exporter {

  /** The word after {@code type=}. */
  String type();

  /** The name of the step that users see: {@code exporting to oci image format}. */
  String title();

  /**
   * Checks the attributes, before the build does any work.
   *
   * @param attrs keys in lower case
   * @throws dev.jbuild.error.BuildException INVALID or UNIMPLEMENTED, naming the attribute
   */
  Export prepare(Map<String, String> attrs);

  /** An output that is ready to be made. */
  interface Export {

    /**
     * Makes it. When this fails, nothing is left of it.
     *
     * @return what the client is told, by the names of the wire facts, "Response keys"
     */
    Map<String, String> run(BuildResult result, ExportContext context) throws InterruptedException;
  }
}
