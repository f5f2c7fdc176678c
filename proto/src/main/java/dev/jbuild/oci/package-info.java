/**
 * OCI values: digests, descriptors, platforms, references, manifests. Imports nothing of the
 * project.
 */
@NullMarked
package dev.jbuild.oci;

import org.jspecify.annotations.NullMarked;
