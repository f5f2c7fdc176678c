/** Mounts as plain data. */
@NullMarked
package dev.jbuild.mount;

import org.jspecify.annotations.NullMarked;
