/** Snapshots that the kernel merges: overlayfs. */
@NullMarked
package dev.jbuild.snapshot.overlay;

import org.jspecify.annotations.NullMarked;
