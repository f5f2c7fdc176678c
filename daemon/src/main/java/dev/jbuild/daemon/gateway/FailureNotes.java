package dev.jbuild.daemon.gateway;

import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import java.util.List;

/** Writes what clients need to look into a step that failed. */
public interface FailureNotes {

  /**
   * A detail of the failure.
   *
   * @param op as it was received
   * @param inputs for each mount the ref of what it began with; empty for none
   * @param mounts for each mount the ref of what it held at the end; empty for none
   */
  Detail of(Bytes op, List<String> inputs, List<String> mounts);
}
