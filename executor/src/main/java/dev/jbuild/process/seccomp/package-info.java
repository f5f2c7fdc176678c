/** Compiles seccomp profiles to BPF once, by libseccomp, and keeps the programs on disk. */
@NullMarked
package dev.jbuild.process.seccomp;

import org.jspecify.annotations.NullMarked;
