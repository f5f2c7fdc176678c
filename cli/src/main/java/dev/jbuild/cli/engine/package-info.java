/** Port from the commands to what builds: a daemon, or the engine in this process. */
@NullMarked
package dev.jbuild.cli.engine;

import org.jspecify.annotations.NullMarked;
