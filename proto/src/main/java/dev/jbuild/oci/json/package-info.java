/** JSON of the OCI values: bounded reading, canonical writing, unknown keys of configs kept. */
@NullMarked
package dev.jbuild.oci.json;

import org.jspecify.annotations.NullMarked;
