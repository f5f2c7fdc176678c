/** Mounts as plain data, and making them. */
@NullMarked
package dev.jbuild.mount;

import org.jspecify.annotations.NullMarked;
