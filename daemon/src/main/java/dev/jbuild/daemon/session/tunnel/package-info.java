/** HTTP/2 inside a gRPC stream, by which the daemon calls services of its client. */
@NullMarked
package dev.jbuild.daemon.session.tunnel;

import org.jspecify.annotations.NullMarked;
