/** Files as one tar. */
@NullMarked
package dev.jbuild.export.tar;

import org.jspecify.annotations.NullMarked;
