/** Questions about a Dockerfile that build nothing, and their answers: {@code requestid}. */
@NullMarked
package dev.jbuild.dockerfile.request;

import org.jspecify.annotations.NullMarked;
