package dev.jbuild.llb.wire;

import com.google.protobuf.ByteString;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.FileAction.ById;
import dev.jbuild.llb.FileAction.ByName;
import dev.jbuild.llb.FileAction.Copy;
import dev.jbuild.llb.FileAction.Identity;
import dev.jbuild.llb.FileAction.MakeDirectory;
import dev.jbuild.llb.FileAction.MakeFile;
import dev.jbuild.llb.FileAction.Owner;
import dev.jbuild.llb.FileAction.Remove;
import dev.jbuild.llb.FileAction.Symlink;
import dev.jbuild.llb.LlbOp.FileOp;
import dev.jbuild.oci.Bytes;
import java.util.ArrayList;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Changes of files. Source: wire-llb facts, "FileOp". */
final class FileCodec {
  private FileCodec() {}

  static FileOp decode(OpPlace place, pb.FileOp wire) {
    var actions = new ArrayList<FileAction>();
    var outputs = new BitSet();
    for (int i = 0; i < wire.getActionsCount(); i++) {
      FileAction action = decode(place, wire, i);
      int output = (int) action.output();
      if (output >= 0) {
        if (outputs.get(output)) {
          throw place.invalid("output " + output + " is made by two actions");
        }
        outputs.set(output);
      }
      actions.add(action);
    }
    if (outputs.isEmpty() || outputs.length() != outputs.cardinality()) {
      throw place.invalid("file outputs are " + outputs + ", want 0, 1, ... without a gap");
    }
    return new FileOp(actions);
  }

  private static FileAction decode(OpPlace place, pb.FileOp op, int i) {
    pb.FileAction wire = op.getActions(i);
    String what = "action " + i + ": ";
    // an action sees the inputs and the results of the actions before it
    long end = (long) place.inputs() + i;
    FileAction.Change change =
        switch (wire.getActionCase()) {
          case COPY -> copy(place, what, wire.getCopy(), end);
          case MKFILE -> {
            pb.FileActionMkFile file = wire.getMkfile();
            yield new MakeFile(
                file.getPath(),
                file.getMode(),
                Bytes.copyOf(file.getData().toByteArray()),
                file.hasOwner() ? owner(place, what, file.getOwner(), end) : null,
                file.getTimestamp());
          }
          case MKDIR -> {
            pb.FileActionMkDir directory = wire.getMkdir();
            yield new MakeDirectory(
                directory.getPath(),
                directory.getMode(),
                directory.getMakeParents(),
                directory.hasOwner() ? owner(place, what, directory.getOwner(), end) : null,
                directory.getTimestamp());
          }
          case RM -> {
            pb.FileActionRm rm = wire.getRm();
            yield new Remove(rm.getPath(), rm.getAllowNotFound(), rm.getAllowWildcard());
          }
          case SYMLINK -> {
            pb.FileActionSymlink link = wire.getSymlink();
            yield new Symlink(
                link.getOldpath(),
                link.getNewpath(),
                link.hasOwner() ? owner(place, what, link.getOwner(), end) : null,
                link.getTimestamp());
          }
          case ACTION_NOT_SET -> throw place.invalid(what + "none that jbuild knows");
        };
    return new FileAction(
        place.within(what + "input", wire.getInput(), -1, end),
        change instanceof Copy
            ? place.within(what + "secondary input", wire.getSecondaryInput(), -1, end)
            : -1,
        place.within(what + "output", wire.getOutput(), -1, op.getActionsCount()),
        change);
  }

  private static Copy copy(OpPlace place, String what, pb.FileActionCopy wire, long end) {
    return new Copy(
        wire.getSrc(),
        wire.getDest(),
        wire.hasOwner() ? owner(place, what, wire.getOwner(), end) : null,
        wire.getMode(),
        wire.getFollowSymlink(),
        wire.getDirCopyContents(),
        wire.getAttemptUnpackDockerCompatibility(),
        wire.getCreateDestPath(),
        wire.getAllowWildcard(),
        wire.getAllowEmptyWildcard(),
        wire.getTimestamp(),
        wire.getIncludePatternsList(),
        wire.getExcludePatternsList(),
        wire.getAlwaysReplaceExistingDestPaths(),
        wire.getModeStr(),
        wire.getRequiredPathsList());
  }

  private static Owner owner(OpPlace place, String what, pb.ChownOpt wire, long end) {
    return new Owner(
        wire.hasUser() ? identity(place, what + "user", wire.getUser(), end) : null,
        wire.hasGroup() ? identity(place, what + "group", wire.getGroup(), end) : null);
  }

  private static @Nullable Identity identity(
      OpPlace place, String what, pb.UserOpt wire, long end) {
    return switch (wire.getUserCase()) {
      case BYNAME ->
          new ByName(
              wire.getByName().getName(),
              place.within(what + " input", wire.getByName().getInput(), -1, end));
      case BYID -> new ById(Integer.toUnsignedLong(wire.getByID()));
      case USER_NOT_SET -> null;
    };
  }

  static pb.FileOp encode(FileOp file) {
    var wire = pb.FileOp.newBuilder();
    for (FileAction action : file.actions()) {
      wire.addActions(encode(action));
    }
    return wire.build();
  }

  private static pb.FileAction encode(FileAction action) {
    var wire =
        pb.FileAction.newBuilder()
            .setInput(action.input())
            .setSecondaryInput(action.secondaryInput())
            .setOutput(action.output());
    switch (action.change()) {
      case Copy copy -> wire.setCopy(encode(copy));
      case MakeFile file -> {
        var made =
            pb.FileActionMkFile.newBuilder()
                .setPath(file.path())
                .setMode(file.mode())
                .setData(ByteString.copyFrom(file.data().toArray()))
                .setTimestamp(file.timestamp());
        if (file.owner() != null) {
          made.setOwner(encode(file.owner()));
        }
        wire.setMkfile(made);
      }
      case MakeDirectory directory -> {
        var made =
            pb.FileActionMkDir.newBuilder()
                .setPath(directory.path())
                .setMode(directory.mode())
                .setMakeParents(directory.makeParents())
                .setTimestamp(directory.timestamp());
        if (directory.owner() != null) {
          made.setOwner(encode(directory.owner()));
        }
        wire.setMkdir(made);
      }
      case Remove remove ->
          wire.setRm(
              pb.FileActionRm.newBuilder()
                  .setPath(remove.path())
                  .setAllowNotFound(remove.allowNotFound())
                  .setAllowWildcard(remove.allowWildcard()));
      case Symlink link -> {
        var made =
            pb.FileActionSymlink.newBuilder()
                .setOldpath(link.oldPath())
                .setNewpath(link.newPath())
                .setTimestamp(link.timestamp());
        if (link.owner() != null) {
          made.setOwner(encode(link.owner()));
        }
        wire.setSymlink(made);
      }
    }
    return wire.build();
  }

  private static pb.FileActionCopy encode(Copy copy) {
    var wire =
        pb.FileActionCopy.newBuilder()
            .setSrc(copy.src())
            .setDest(copy.dest())
            .setMode(copy.mode())
            .setFollowSymlink(copy.followSymlink())
            .setDirCopyContents(copy.dirCopyContents())
            .setAttemptUnpackDockerCompatibility(copy.attemptUnpack())
            .setCreateDestPath(copy.createDestPath())
            .setAllowWildcard(copy.allowWildcard())
            .setAllowEmptyWildcard(copy.allowEmptyWildcard())
            .setTimestamp(copy.timestamp())
            .addAllIncludePatterns(copy.includePatterns())
            .addAllExcludePatterns(copy.excludePatterns())
            .setAlwaysReplaceExistingDestPaths(copy.alwaysReplaceExistingDestPaths())
            .setModeStr(copy.modeText())
            .addAllRequiredPaths(copy.requiredPaths());
    if (copy.owner() != null) {
      wire.setOwner(encode(copy.owner()));
    }
    return wire.build();
  }

  private static pb.ChownOpt encode(Owner owner) {
    var wire = pb.ChownOpt.newBuilder();
    if (owner.user() != null) {
      wire.setUser(encode(owner.user()));
    }
    if (owner.group() != null) {
      wire.setGroup(encode(owner.group()));
    }
    return wire.build();
  }

  private static pb.UserOpt encode(Identity identity) {
    return switch (identity) {
      case ById byId -> pb.UserOpt.newBuilder().setByID((int) byId.id()).build();
      case ByName byName ->
          pb.UserOpt.newBuilder()
              .setByName(
                  pb.NamedUserOpt.newBuilder().setName(byName.name()).setInput(byName.input()))
              .build();
    };
  }
}
