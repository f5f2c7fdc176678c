/** Source policies at work: which sources a build may use, and what others stand in for them. */
@NullMarked
package dev.jbuild.solver.policy;

import org.jspecify.annotations.NullMarked;
