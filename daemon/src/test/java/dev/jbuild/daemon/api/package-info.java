/** Tests of the gRPC edge over a toy engine. */
package dev.jbuild.daemon.api;
