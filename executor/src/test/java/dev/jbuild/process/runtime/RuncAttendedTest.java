package dev.jbuild.process.runtime;

import dev.jbuild.process.AttendedContract;
import dev.jbuild.process.ProcessRunner;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class RuncAttendedTest extends AttendedContract {
  private @Nullable RunnerUnderTest opened;

  @BeforeEach
  void open() {
    RuntimeTools.assume("runc");
    opened = new RunnerUnderTest(Preference.RUNC, directory());
  }

  @AfterEach
  void close() throws Exception {
    if (opened != null) {
      opened.close();
    }
  }

  @Override
  protected ProcessRunner runner() {
    if (opened == null) {
      throw new IllegalStateException("not open");
    }
    return opened.runner();
  }
}
