package dev.jbuild.linux.libc;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.KernelContract;

final class LibcKernelTest extends KernelContract {
  @Override
  protected Kernel kernel() {
    return new LibcKernel();
  }
}
