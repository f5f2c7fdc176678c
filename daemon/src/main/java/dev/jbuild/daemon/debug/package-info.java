/** The debug address: health, metrics and threads of the daemon over HTTP. */
@NullMarked
package dev.jbuild.daemon.debug;

import org.jspecify.annotations.NullMarked;
