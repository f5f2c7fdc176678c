/** The images that {@code -t} stored: names, configs, and the layers they are made of. */
@NullMarked
package dev.jbuild.image;

import org.jspecify.annotations.NullMarked;
