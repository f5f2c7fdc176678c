package dev.jbuild.filetree;

import dev.jbuild.snapshot.FileTree;
import java.util.List;

/**
 * Where a copy takes its files.
 *
 * @param name for error texts: {@code the build context}, {@code stage 'build'}
 * @param hint appended when something is not found, such as what {@code .dockerignore} leaves out;
 *     empty for none
 * @param others asked for when something is not found
 */
public record CopySource(FileTree tree, String name, String hint, Names others) {

  /** A source whose tree has all there is. */
  public CopySource(FileTree tree, String name, String hint) {
    this(tree, name, hint, List::of);
  }

  /** Paths of what could have been meant, beside the tree's: some trees have only what is asked. */
  public interface Names {
    /** Relative paths, {@code /} between names; not all of them when there are very many. */
    List<String> list();
  }
}
