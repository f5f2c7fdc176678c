/** Snapshots by copying, for machines that cannot mount overlayfs. */
@NullMarked
package dev.jbuild.snapshot.copy;

import org.jspecify.annotations.NullMarked;
