package dev.jbuild.source.local;

import dev.jbuild.ignore.NameOrder;
import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.SentAttributes;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A received context. Asks no file system: all is in the index. Immutable. */
final class MirrorTree implements FileTree {
  private static final Comparator<FileNode> BY_NAME =
      Comparator.comparing(FileNode::name, NameOrder.BY_BYTES);

  private final Map<String, FileNode> nodes;
  private final Map<String, Digest> digests;
  private final Map<String, Map<String, byte[]>> attributes = new HashMap<>();
  private final Map<String, List<FileNode>> children;

  MirrorTree(MirrorIndex index, MirrorFiles files, long fileSystem) {
    int count = index.entries().size();
    this.nodes = HashMap.newHashMap(count + 1);
    this.digests = HashMap.newHashMap(count);
    this.children = new HashMap<>();
    nodes.put("", node("", FileStat.DIRECTORY | 0755, files.root(), fileSystem));
    for (Received received : index.entries()) {
      FileNode node = node(received, files, fileSystem);
      nodes.put(node.path(), node);
      if (!received.entry().attributes().isEmpty()) {
        attributes.put(node.path(), SentAttributes.arrays(received.entry().attributes()));
      }
      if (received.content() != null) {
        digests.put(node.path(), received.content().digest());
      }
      children.computeIfAbsent(FileTree.parent(node.path()), parent -> new ArrayList<>()).add(node);
    }
    children.values().forEach(siblings -> siblings.sort(BY_NAME));
  }

  private static FileNode node(Received received, MirrorFiles files, long fileSystem) {
    var entry = received.entry();
    var content = received.content();
    var stat =
        new FileStat(
            entry.mode(),
            entry.uid(),
            entry.gid(),
            content == null ? 0 : content.sizeBytes(),
            entry.modifiedNanos(),
            0,
            content == null ? 0 : content.inode(),
            received.linked() ? 2 : 1,
            (int) entry.deviceMajor(),
            (int) entry.deviceMinor(),
            fileSystem);
    return new FileNode(
        entry.path(),
        stat,
        stat.isSymlink() ? entry.linkTarget() : "",
        content == null ? files.root() : files.path(content.id()),
        null);
  }

  private static FileNode node(String path, int mode, Path file, long fileSystem) {
    return new FileNode(
        path, new FileStat(mode, 0, 0, 0, 0, 0, 0, 1, 0, 0, fileSystem), "", file, null);
  }

  @Override
  public @Nullable FileNode lookup(String path) {
    return nodes.get(path);
  }

  @Override
  public List<FileNode> list(FileNode directory) {
    return children.getOrDefault(directory.path(), List.of());
  }

  @Override
  public Map<String, byte[]> attributes(FileNode node) {
    return attributes.getOrDefault(node.path(), Map.of());
  }

  @Override
  public Digest digest(FileNode file) {
    Digest digest = digests.get(file.path());
    if (digest == null) {
      throw new IllegalArgumentException("no regular file at '" + file.path() + "'");
    }
    return digest;
  }
}
