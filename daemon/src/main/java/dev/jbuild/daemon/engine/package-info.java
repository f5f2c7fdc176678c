/** The engine behind the edge: the worker's parts put together, and the edge's ports over them. */
@NullMarked
package dev.jbuild.daemon.engine;

import org.jspecify.annotations.NullMarked;
