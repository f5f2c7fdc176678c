/** Failures that users see: one exception, a closed set of codes, details for clients. */
@NullMarked
package dev.jbuild.error;

import org.jspecify.annotations.NullMarked;
