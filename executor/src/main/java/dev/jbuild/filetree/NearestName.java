package dev.jbuild.filetree;

import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Guesses which path was meant when one does not exist. */
final class NearestName {
  private static final int MAX_NAME_LENGTH = 255;
  private static final int CHARACTERS_PER_MISTAKE = 3;

  private final FileTree tree;

  NearestName(FileTree tree) {
    this.tree = tree;
  }

  /** The path with its first wrong name put right, or null when nothing is near. */
  @Nullable String to(String path) throws IOException {
    FileNode directory = tree.root();
    String[] names = path.split("/", -1);
    for (int i = 0; i < names.length; i++) {
      FileNode next = tree.lookup(FileTree.join(directory.path(), names[i]));
      if (next == null || (i < names.length - 1 && !next.isDirectory())) {
        FileNode near = nearest(directory, names[i]);
        return near == null ? null : near.path();
      }
      directory = next;
    }
    return null;
  }

  /** The path with the fewest wrong letters, or null when none is near. */
  static @Nullable String among(List<String> paths, String wanted) {
    String best = null;
    int fewest = patience(wanted.substring(wanted.lastIndexOf('/') + 1));
    for (String path : paths) {
      int mistakes = distance(lower(wanted), lower(path));
      if (mistakes < fewest) {
        fewest = mistakes;
        best = path;
      }
    }
    return best;
  }

  /** So many mistakes are too many. */
  private static int patience(String name) {
    return Math.max(1, name.length() / CHARACTERS_PER_MISTAKE) + 1;
  }

  private @Nullable FileNode nearest(FileNode directory, String wanted) throws IOException {
    FileNode best = null;
    int fewest = patience(wanted);
    for (FileNode child : tree.list(directory)) {
      int mistakes = distance(lower(wanted), lower(child.name()));
      if (mistakes < fewest) {
        fewest = mistakes;
        best = child;
      }
    }
    return best;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** Letters to insert, delete or replace. */
  private static int distance(String a, String b) {
    if (a.length() > MAX_NAME_LENGTH || b.length() > MAX_NAME_LENGTH) {
      return Integer.MAX_VALUE;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
