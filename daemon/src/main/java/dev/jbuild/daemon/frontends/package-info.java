/** Frontends that are images: they run in sandboxes and ask by their standard streams. */
@NullMarked
package dev.jbuild.daemon.frontends;

import org.jspecify.annotations.NullMarked;
