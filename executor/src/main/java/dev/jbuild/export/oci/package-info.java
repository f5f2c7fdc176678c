/** Images as OCI layouts: a tar or a directory. */
@NullMarked
package dev.jbuild.export.oci;

import org.jspecify.annotations.NullMarked;
