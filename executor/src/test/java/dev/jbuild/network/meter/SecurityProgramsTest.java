package dev.jbuild.network.meter;

import dev.jbuild.linux.BpfProgram;
import dev.jbuild.linux.libc.LibcBpfKernel;
import dev.jbuild.linux.libc.LibcKernel;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The kernel's verifier reads these programs also where it does not take them for its security
 * hooks: raw trace points have arguments of the same shape.
 */
@Tag("root")
final class SecurityProgramsTest {
  private static final int TYPE_RAW_TRACEPOINT = 17;

  @Test
  void verifierAcceptsTheProgramsOfTheSecurityHooks() throws Exception {
    Assumptions.assumeTrue(new LibcKernel().effectiveUserId() == 0, "BPF needs root");
    var kernel = new LibcBpfKernel();
    try (var maps = MeterMaps.open(kernel, 1, 16)) {
      kernel.load(program(SecurityPrograms.socket(maps))).close();
      kernel.load(program(SecurityPrograms.question(maps))).close();
    }
  }

  private static BpfProgram program(byte[] code) {
    return new BpfProgram("jb_test", TYPE_RAW_TRACEPOINT, 0, 0, "GPL", ByteBuffer.wrap(code));
  }
}
