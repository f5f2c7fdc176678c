package dev.jbuild.network.meter;

import dev.jbuild.llb.NetMode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where steps cannot be watched.
 *
 * @param why a sentence for the ledger
 */
public record NoMeter(String why) implements Meter {

  @Override
  public StepMeter open(String stepId, NetMode mode) {
    return new Blind(why);
  }

  @Override
  public void close() {}

  private record Blind(String why) implements StepMeter {
    @Override
    public @Nullable Path group() {
      return null;
    }

    @Override
    public Reading read() {
      return new Reading(false, List.of(), List.of(why));
    }

    @Override
    public void close() {}
  }
}
