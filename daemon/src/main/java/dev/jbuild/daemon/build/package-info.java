/** Runs builds: from a checked request over frontend and solver to exporters; knows no gRPC. */
@NullMarked
package dev.jbuild.daemon.build;

import org.jspecify.annotations.NullMarked;
