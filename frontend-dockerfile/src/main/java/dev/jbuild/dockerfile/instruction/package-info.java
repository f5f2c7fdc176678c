/** Dockerfile instructions as records, their flags read, each knowing its place. */
@NullMarked
package dev.jbuild.dockerfile.instruction;

import org.jspecify.annotations.NullMarked;
