/** Progress events and the sink that takes them. */
@NullMarked
package dev.jbuild.solver.progress;

import org.jspecify.annotations.NullMarked;
