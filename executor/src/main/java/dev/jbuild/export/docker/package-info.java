/** Images as archives that {@code docker load} reads. */
@NullMarked
package dev.jbuild.export.docker;

import org.jspecify.annotations.NullMarked;
