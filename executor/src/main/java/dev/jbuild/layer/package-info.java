/** All that is known of layers: their facts on disk, and bringing lazy ones in. */
@NullMarked
package dev.jbuild.layer;

import org.jspecify.annotations.NullMarked;
