/** Commits of git repositories as sources of a build, brought by the git program. */
@NullMarked
package dev.jbuild.source.git;

import org.jspecify.annotations.NullMarked;
