/** Blob store: an OCI image layout on disk. */
@NullMarked
package dev.jbuild.content;

import org.jspecify.annotations.NullMarked;
