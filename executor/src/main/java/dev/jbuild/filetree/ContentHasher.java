package dev.jbuild.filetree;

import dev.jbuild.ignore.Glob;
import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.linux.FileStat;
import dev.jbuild.llb.FileAction;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.PathResolver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/**
 * Digests of what a tree holds, for cache keys: two trees with the same digest give the same result
 * when they are copied or read. Names, types, modes, owners, link targets, devices, capabilities
 * and contents count; times do not. For one thread.
 */
public final class ContentHasher {
  private static final String CAPABILITY = "security.capability";

  private final FileTree tree;
  private final MessageDigest hash = Digest.sha256();
  private PathPatterns includes = PathPatterns.of(List.of());
  private boolean countsMode = true;
  private boolean countsOwner = true;

  public ContentHasher(FileTree tree) {
    this.tree = tree;
  }

  /**
   * Of what the path names, links followed, with all below it; something else when nothing is
   * there.
   */
  public Digest of(String path) throws IOException {
    FileNode node = new PathResolver(tree).find(path);
    if (node == null) {
      text("missing");
    } else {
      node("", node, includes.root(), includes.root());
    }
    return Digest.ofHash(hash.digest());
  }

  /**
   * Of what a copy would take: not of modes and owners that it replaces. A source that is missing
   * counts as that: the copy itself says so.
   */
  public Digest of(FileAction.Copy copy) throws IOException {
    var resolver = new PathResolver(tree);
    includes = PathPatterns.of(copy.includePatterns());
    var excludes = PathPatterns.of(copy.excludePatterns());
    countsMode = copy.mode() == -1;
    FileAction.Owner owner = copy.owner();
    countsOwner = owner == null || (owner.user() == null && owner.group() == null);
    String clean = SlashPath.clean("/" + copy.src());
    String path = clean.startsWith("/") ? clean.substring(1) : clean;
    boolean isPattern = copy.allowWildcard() && Glob.hasWildcard(path);
    List<String> found = isPattern ? new Wildcards(tree).matches(path) : List.of(path);
    number(found.size());
    for (String candidate : found) {
      String real =
          copy.followSymlink() ? resolver.follow(candidate) : resolver.followParents(candidate);
      FileNode node = tree.lookup(real);
      text(isPattern ? candidate.substring(candidate.lastIndexOf('/') + 1) : "");
      if (node == null) {
        text("missing");
      } else {
        node("", node, includes.root(), excludes.root());
      }
    }
    return Digest.ofHash(hash.digest());
  }

  /** A directory counts also where only something below it is selected: it is copied on the way. */
  private void node(
      String path, FileNode node, PathPatterns.Place include, PathPatterns.Place exclude)
      throws IOException {
    header(path, node);
    if (!node.isDirectory()) {
      return;
    }
    for (FileNode child : tree.list(node)) {
      var included = include.child(child.name());
      var excluded = exclude.child(child.name());
      boolean selected = (includes.isEmpty() || included.matches()) && !excluded.matches();
      boolean below =
          child.isDirectory()
              && (includes.isEmpty() || included.mayMatchBelow())
              && (!excluded.matches() || excluded.mayReincludeBelow());
      if (selected || below) {
        node(FileTree.join(path, child.name()), child, included, excluded);
      }
    }
  }

  private void header(String path, FileNode node) throws IOException {
    FileStat stat = node.stat();
    text(path);
    number(countsMode || stat.isSymlink() ? stat.mode() : stat.type());
    number(countsOwner ? stat.uid() : 0);
    number(countsOwner ? stat.gid() : 0);
    Map<String, byte[]> attributes = tree.attributes(node);
    byte[] capability = attributes.get(CAPABILITY);
    bytes(capability == null ? new byte[0] : capability);
    switch (stat.type()) {
      case FileStat.REGULAR -> {
        number(stat.sizeBytes());
        text(tree.digest(node).hex());
      }
      case FileStat.SYMLINK -> text(node.linkTarget());
      case FileStat.CHARACTER, FileStat.BLOCK -> {
        number(stat.deviceMajor());
        number(stat.deviceMinor());
      }
      default -> {}
    }
  }

  private void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  private void bytes(byte[] value) {
    number(value.length);
    hash.update(value);
  }

  private void number(long value) {
    hash.update(ByteBuffer.allocate(Long.BYTES).putLong(0, value));
  }
}
