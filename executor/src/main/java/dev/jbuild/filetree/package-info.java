/** Changes that COPY, ADD, WORKDIR and the like make, written into a layer without mounting. */
@NullMarked
package dev.jbuild.filetree;

import org.jspecify.annotations.NullMarked;
