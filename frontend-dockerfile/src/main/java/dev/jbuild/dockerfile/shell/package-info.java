/** Expansion of variables, quotes and escapes in words, and splitting of the result. */
@NullMarked
package dev.jbuild.dockerfile.shell;

import org.jspecify.annotations.NullMarked;
