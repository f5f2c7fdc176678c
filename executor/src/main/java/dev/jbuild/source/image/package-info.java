/** Images of registries and of jbuild's own store: {@code docker-image://}. */
@NullMarked
package dev.jbuild.source.image;

import org.jspecify.annotations.NullMarked;
