/** Layers as tar streams and back: whiteouts, compression, and digests of what trees hold. */
@NullMarked
package dev.jbuild.diff;

import org.jspecify.annotations.NullMarked;
