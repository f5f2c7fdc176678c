/** Blobs between a daemon and its client: containerd's content service over the session. */
@NullMarked
package dev.jbuild.daemon.session.store;

import org.jspecify.annotations.NullMarked;
