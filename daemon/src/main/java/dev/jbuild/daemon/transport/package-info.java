/** Sockets that the daemon serves at: who is at their other end, and TLS. */
@NullMarked
package dev.jbuild.daemon.transport;

import org.jspecify.annotations.NullMarked;
