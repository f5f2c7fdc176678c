/** Turns the flags of {@code jbuild build} into a build request; knows no gRPC. */
@NullMarked
package dev.jbuild.cli.build;

import org.jspecify.annotations.NullMarked;
