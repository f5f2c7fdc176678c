package dev.jbuild.dockerfile.convert;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stage that will be built.
 *
 * @param origin what it starts with, null when it is another stage
 * @param tasks triggers first; none where a named context stands in for the stage
 */
record ReadyStage(PlannedStage planned, @Nullable Origin origin, List<Task> tasks) {
  ReadyStage {
    tasks = List.copyOf(tasks);
  }
}
