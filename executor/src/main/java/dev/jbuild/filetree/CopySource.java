package dev.jbuild.filetree;

import dev.jbuild.snapshot.FileTree;

/**
 * Where a copy takes its files.
 *
 * @param name for error texts: {@code the build context}, {@code stage 'build'}
 * @param hint appended when something is not found, such as what {@code .dockerignore} leaves out;
 *     empty for none
 */
public record CopySource(FileTree tree, String name, String hint) {}
