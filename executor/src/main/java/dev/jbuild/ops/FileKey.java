package dev.jbuild.ops;

import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.oci.Digest;
import org.jspecify.annotations.Nullable;

/** What identifies a file op without its inputs. */
final class FileKey {
  private FileKey() {}

  static Digest of(LlbOp.FileOp op) {
    var key = new KeyHash("jbuild.file.v1");
    key.number(op.actions().size());
    for (FileAction action : op.actions()) {
      key.number(action.input()).number(action.secondaryInput()).number(action.output());
      change(key, action.change());
    }
    return key.digest();
  }

  private static void change(KeyHash key, FileAction.Change change) {
    switch (change) {
      case FileAction.Copy copy -> copy(key.text("copy"), copy);
      case FileAction.MakeFile file -> {
        key.text("file").text(file.path()).number(file.mode());
        key.text(file.data().digest().hex());
        owner(key, file.owner());
        key.number(file.timestamp());
      }
      case FileAction.MakeDirectory directory -> {
        key.text("directory").text(directory.path()).number(directory.mode());
        key.flag(directory.makeParents());
        owner(key, directory.owner());
        key.number(directory.timestamp());
      }
      case FileAction.Remove remove -> {
        key.text("remove").text(remove.path());
        key.flag(remove.allowNotFound()).flag(remove.allowWildcard());
      }
      case FileAction.Symlink link -> {
        key.text("symlink").text(link.oldPath()).text(link.newPath());
        owner(key, link.owner());
        key.number(link.timestamp());
      }
    }
  }

  /** Also the selector of the copied input: the same words select the same files. */
  static void copy(KeyHash key, FileAction.Copy copy) {
    key.text(copy.src()).text(copy.dest());
    owner(key, copy.owner());
    key.number(copy.mode()).text(copy.modeText());
    key.flag(copy.followSymlink()).flag(copy.dirCopyContents()).flag(copy.attemptUnpack());
    key.flag(copy.createDestPath()).flag(copy.allowWildcard()).flag(copy.allowEmptyWildcard());
    key.number(copy.timestamp()).flag(copy.alwaysReplaceExistingDestPaths());
    key.texts(copy.includePatterns()).texts(copy.excludePatterns()).texts(copy.requiredPaths());
  }

  private static void owner(KeyHash key, FileAction.@Nullable Owner owner) {
    if (owner == null) {
      key.text("");
      return;
    }
    identity(key.text("owner"), owner.user());
    identity(key, owner.group());
  }

  private static void identity(KeyHash key, FileAction.@Nullable Identity identity) {
    switch (identity) {
      case FileAction.ById byId -> key.text("id").number(byId.id());
      case FileAction.ByName byName -> key.text("name").text(byName.name()).number(byName.input());
      case null -> key.text("");
    }
  }
}
