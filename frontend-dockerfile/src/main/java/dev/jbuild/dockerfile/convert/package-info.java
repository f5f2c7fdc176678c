/**
 * Stages to graphs: a plan of stages, instructions evaluated to steps, steps emitted as ops.
 *
 * <p>Evaluation comes first for all stages because the op of the build context, an input of many
 * steps, depends on the paths that all of them use.
 */
@NullMarked
package dev.jbuild.dockerfile.convert;

import org.jspecify.annotations.NullMarked;
