/** Sockets in sandboxes, forwarded to the ssh agents that sessions offer. */
@NullMarked
package dev.jbuild.agent;

import org.jspecify.annotations.NullMarked;
