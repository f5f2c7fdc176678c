/** Remarks about a Dockerfile: the rules, and where what they find goes. */
@NullMarked
package dev.jbuild.dockerfile.lint;

import org.jspecify.annotations.NullMarked;
