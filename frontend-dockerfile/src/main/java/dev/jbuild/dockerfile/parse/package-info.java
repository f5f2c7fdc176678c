/** Dockerfile text to a syntax tree: directives, logical lines, flags, heredocs, exact ranges. */
@NullMarked
package dev.jbuild.dockerfile.parse;

import org.jspecify.annotations.NullMarked;
