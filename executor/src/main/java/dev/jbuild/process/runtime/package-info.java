/** Drives an OCI runtime: bundle, mounts, cgroups, streams, cancelling, cleaning up. */
@NullMarked
package dev.jbuild.process.runtime;

import org.jspecify.annotations.NullMarked;
