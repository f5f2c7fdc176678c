/** The kernel's calls through {@code java.lang.foreign}: implementations of {@code linux}. */
@NullMarked
package dev.jbuild.linux.libc;

import org.jspecify.annotations.NullMarked;
