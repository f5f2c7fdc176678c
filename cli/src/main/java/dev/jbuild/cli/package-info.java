/** The command line: one class per command, exit codes, and the program's only use of streams. */
@NullMarked
package dev.jbuild.cli;

import org.jspecify.annotations.NullMarked;
