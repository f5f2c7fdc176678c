/** URLs of git repositories and files, and the source ops that fetch them. */
@NullMarked
package dev.jbuild.dockerfile.remote;

import org.jspecify.annotations.NullMarked;
