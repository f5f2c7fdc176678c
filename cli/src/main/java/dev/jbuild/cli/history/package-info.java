/** What the history tells of builds, as records and as text. */
@NullMarked
package dev.jbuild.cli.history;

import org.jspecify.annotations.NullMarked;
