/** Shows a build as it happens: renderers for terminals, logs and scripts over plain records. */
@NullMarked
package dev.jbuild.cli.progress;

import org.jspecify.annotations.NullMarked;
