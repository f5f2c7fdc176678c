package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.oci.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * What was found in the Dockerfile's directory.
 *
 * @param ignoreFile content of {@code <filename>.dockerignore}, null when there is none
 */
record DockerfileText(SourceFile file, @Nullable Bytes ignoreFile) {}
