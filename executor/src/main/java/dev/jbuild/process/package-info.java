/** Runs a step's process in a sandbox through an OCI runtime. */
@NullMarked
package dev.jbuild.process;

import org.jspecify.annotations.NullMarked;
