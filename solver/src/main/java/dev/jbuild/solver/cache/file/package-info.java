/** The durable store of cache keys: one H2 MVStore file. */
@NullMarked
package dev.jbuild.solver.cache.file;

import org.jspecify.annotations.NullMarked;
