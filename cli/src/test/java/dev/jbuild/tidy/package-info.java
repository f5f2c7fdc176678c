/** The style guide as a test: dependencies between packages, sizes and names. */
@NullMarked
package dev.jbuild.tidy;

import org.jspecify.annotations.NullMarked;
