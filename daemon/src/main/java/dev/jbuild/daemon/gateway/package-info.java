/** Clients as the frontends of their builds: what they ask and return; knows no gRPC. */
@NullMarked
package dev.jbuild.daemon.gateway;

import org.jspecify.annotations.NullMarked;
