/**
 * What must hold for every input, and the coverage-guided fuzzer that looks for one that breaks it.
 */
@NullMarked
package dev.jbuild.dockerfile.fuzz;

import org.jspecify.annotations.NullMarked;
