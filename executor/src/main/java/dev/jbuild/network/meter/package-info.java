/** Watches the sockets of steps: whom they talk to and how much. */
@NullMarked
package dev.jbuild.network.meter;

import org.jspecify.annotations.NullMarked;
