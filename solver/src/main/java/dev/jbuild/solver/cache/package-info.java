/** What is remembered of earlier runs: the port, the store in memory, the walk over records. */
@NullMarked
package dev.jbuild.solver.cache;

import org.jspecify.annotations.NullMarked;
