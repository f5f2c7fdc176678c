/** Directories that last from build to build: what {@code RUN --mount=type=cache} shows. */
@NullMarked
package dev.jbuild.cachemount;

import org.jspecify.annotations.NullMarked;
