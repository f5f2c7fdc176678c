/** The daemon's gRPC edge: decode, call one domain method, encode, map errors. No decisions. */
@NullMarked
package dev.jbuild.daemon.api;

import org.jspecify.annotations.NullMarked;
