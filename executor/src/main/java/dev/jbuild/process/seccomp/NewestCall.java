package dev.jbuild.process.seccomp;

/**
 * Up to where a profile knows an architecture's calls.
 *
 * @param architecture {@code AUDIT_ARCH_*}
 * @param number the highest call number that the profile names
 */
record NewestCall(int architecture, int number) {}
