/** The port to an engine, be it a daemon or in this process: what commands ask of it. */
@NullMarked
package dev.jbuild.cli.engine;

import org.jspecify.annotations.NullMarked;
