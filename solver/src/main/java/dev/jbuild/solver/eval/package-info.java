/** Demand-driven evaluation: single flight per id, canonical ids, cancellation, a work limit. */
@NullMarked
package dev.jbuild.solver.eval;

import org.jspecify.annotations.NullMarked;
