/** Files into a directory of the client. */
@NullMarked
package dev.jbuild.export.local;

import org.jspecify.annotations.NullMarked;
