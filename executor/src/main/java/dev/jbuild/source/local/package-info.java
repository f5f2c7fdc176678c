/** Local sources: the client's directories, received once and kept for the next build. */
@NullMarked
package dev.jbuild.source.local;

import org.jspecify.annotations.NullMarked;
