/** Images into jbuild's own store. */
@NullMarked
package dev.jbuild.export.image;

import org.jspecify.annotations.NullMarked;
