package dev.jbuild.solver.progress;

/** Takes the events of one job. Safe for use by several threads; must not block. */
public interface ProgressSink {
  void accept(ProgressEvent event);
}
