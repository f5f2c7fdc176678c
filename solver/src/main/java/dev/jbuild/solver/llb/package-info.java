/** LLB definitions to vertices: validation, and the one function that checks entitlements. */
@NullMarked
package dev.jbuild.solver.llb;

import org.jspecify.annotations.NullMarked;
