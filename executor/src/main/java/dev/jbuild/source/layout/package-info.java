/** Images in OCI layout directories of the client: {@code oci-layout://}. */
@NullMarked
package dev.jbuild.source.layout;

import org.jspecify.annotations.NullMarked;
