/** The real command line and daemon from end to end, on real networks, runtimes and registries. */
@NullMarked
package dev.jbuild.cli.e2e;

import org.jspecify.annotations.NullMarked;
