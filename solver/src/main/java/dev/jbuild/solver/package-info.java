/**
 * The graph to be solved and the ports it is solved through. No file, process, socket or kernel
 * call.
 */
@NullMarked
package dev.jbuild.solver;

import org.jspecify.annotations.NullMarked;
