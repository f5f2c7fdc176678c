/** The client's side of the daemon's API: the only package of the command line that knows gRPC. */
@NullMarked
package dev.jbuild.cli.client;

import org.jspecify.annotations.NullMarked;
