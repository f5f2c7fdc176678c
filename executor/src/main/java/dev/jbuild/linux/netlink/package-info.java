/**
 * Netlink by hand: messages in batches, replies parsed with suspicion, and the one thread that may
 * change its network namespace.
 */
@NullMarked
package dev.jbuild.linux.netlink;

import org.jspecify.annotations.NullMarked;
