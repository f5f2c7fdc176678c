/** Failure details as the JSON that travels beside a gRPC status; one codec for both sides. */
@NullMarked
package dev.jbuild.error.json;

import org.jspecify.annotations.NullMarked;
