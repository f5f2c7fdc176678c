/** Ops of the graph as work for the executor: the only bridge between the solver and the worker. */
@NullMarked
package dev.jbuild.ops;

import org.jspecify.annotations.NullMarked;
