/** Assembler for programs that run inside the kernel. */
@NullMarked
package dev.jbuild.linux.bpf;

import org.jspecify.annotations.NullMarked;
