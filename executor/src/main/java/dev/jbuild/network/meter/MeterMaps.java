package dev.jbuild.network.meter;

import dev.jbuild.linux.BpfKernel;
import dev.jbuild.linux.BpfKernel.BpfMap;
import java.io.IOException;

/**
 * The tables that programs and meter share.
 *
 * @param parent id of the group below which the steps' groups are
 * @param counts group id of a step to its {@link StepCounts}; only the meter makes and removes them
 * @param flows {@link Flow}
 * @param callers peers whose UDP packets came first, by their real ports
 * @param flowsPerStep how many entries of flows a step may take
 */
record MeterMaps(long parent, BpfMap counts, BpfMap flows, BpfMap callers, int flowsPerStep)
    implements AutoCloseable {
  private static final int MAX_STEPS = 4096;
  private static final int MAX_CALLERS = 4096;

  /** Room for four steps that talk to as many as they may. */
  private static final int FLOWS_FACTOR = 4;

  static MeterMaps open(BpfKernel kernel, long parent, int flowsPerStep) throws IOException {
    BpfMap counts = null;
    BpfMap flows = null;
    try {
      counts =
          kernel.createMap(
              BpfKernel.MAP_HASH,
              "jb_steps",
              StepCounts.KEY_BYTES,
              StepCounts.BYTES,
              MAX_STEPS,
              BpfKernel.MAP_NO_PREALLOC);
      flows =
          kernel.createMap(
              BpfKernel.MAP_HASH,
              "jb_flows",
              Flow.KEY_BYTES,
              Flow.VALUE_BYTES,
              FLOWS_FACTOR * flowsPerStep,
              BpfKernel.MAP_NO_PREALLOC);
      var callers =
          kernel.createMap(
              BpfKernel.MAP_LRU_HASH, "jb_callers", Flow.KEY_BYTES, Integer.BYTES, MAX_CALLERS, 0);
      return new MeterMaps(parent, counts, flows, callers, flowsPerStep);
    } catch (IOException e) {
      if (flows != null) {
        flows.close();
      }
      if (counts != null) {
        counts.close();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    callers.close();
    flows.close();
    counts.close();
  }
}
