/** The daemon's main program, its life and {@code Wiring}, the one place that names services. */
@NullMarked
package dev.jbuild.daemon;

import org.jspecify.annotations.NullMarked;
