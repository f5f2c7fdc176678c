package dev.jbuild.network.ledger;

import dev.jbuild.oci.Digest;
import java.util.ArrayList;
import java.util.List;

/** What the steps of one build did in their networks. Safe for use by several threads. */
public final class BuildLedger {
  static final int MAX_STEPS = 10_000;

  /** Lookups, peers and refusals of all steps together: some 10 MB of text. */
  static final int MAX_ENTRIES = 50_000;

  private final List<StepReport> steps = new ArrayList<>();
  private int entries;
  private int omitted;

  /**
   * What is in a ledger.
   *
   * @param steps in the order in which they ended
   * @param omitted how many more steps there were than are kept
   */
  public record Page(List<StepReport> steps, int omitted) {
    public Page {
      steps = List.copyOf(steps);
    }
  }

  /** Notes a step that ran; steps that the cache knew did nothing. */
  public synchronized void add(String stepName, Digest digest, NetworkReport report) {
    int more = report.lookups().size() + report.peers().size() + report.refusals().size();
    if (steps.size() == MAX_STEPS || entries + more > MAX_ENTRIES) {
      omitted++;
      return;
    }
    entries += more;
    steps.add(new StepReport(stepName, digest, report));
  }

  /** What was noted so far. */
  public synchronized Page page() {
    return new Page(steps, omitted);
  }
}
