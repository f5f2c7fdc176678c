package dev.jbuild.solver.llb;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import java.util.List;

/**
 * Checks that an op makes sense by itself: every index, which whoever sent it chose, is in range.
 * Source: wire facts, sections 3 to 5.
 */
final class OpCheck {
  private final EncodedOp encoded;
  private final Place place;

  OpCheck(EncodedOp encoded, Place place) {
    this.encoded = encoded;
    this.place = place;
  }

  /** Returns when it is valid. */
  void check() {
    switch (encoded.op()) {
      case LlbOp.SourceOp source -> check(source);
      case LlbOp.ExecOp exec -> check(exec);
      case LlbOp.FileOp file -> check(file);
      case LlbOp.MergeOp merge -> merge.inputs().forEach(input -> inputOrNone("a layer", input));
      case LlbOp.DiffOp diff -> {
        inputOrNone("the lower side", diff.lower());
        inputOrNone("the upper side", diff.upper());
      }
      case LlbOp.BuildOp build -> check(build);
      case LlbOp.PassthroughOp passthrough -> {
        for (long input : passthrough.outputs()) {
          index("an output", input, 0, encoded.inputs().size(), "input");
        }
      }
    }
  }

  private void check(LlbOp.SourceOp source) {
    if (!encoded.inputs().isEmpty()) {
      throw invalid("a source has no inputs, this one has " + encoded.inputs().size());
    }
    if (!source.identifier().contains("://")) {
      throw invalid("a source is '<scheme>://<rest>', got '" + source.identifier() + "'");
    }
  }

  private void check(LlbOp.ExecOp exec) {
    if (exec.meta().args().isEmpty()) {
      throw invalid("it has no command");
    }
    int roots = 0;
    for (MountSpec mount : exec.mounts()) {
      String what = "the mount at '" + mount.dest() + "'";
      inputOrNone(what, mount.input());
      index(what, mount.output(), -1, exec.mounts().size(), "output");
      if (mount.dest().equals("/")) {
        roots++;
        if (mount.type() != MountSpec.Type.BIND) {
          throw invalid("the mount at '/' is to be a bind, got " + mount.type());
        }
      }
    }
    if (roots != 1) {
      throw invalid("one mount is to be at '/', got " + roots);
    }
    List<Long> outputs = OpOutputs.mounts(exec).stream().map(MountSpec::output).toList();
    if (outputs.stream().distinct().count() != outputs.size()) {
      throw invalid("two mounts have the same output");
    }
  }

  private void check(LlbOp.FileOp file) {
    if (file.actions().isEmpty()) {
      throw invalid("it does nothing");
    }
    int known = encoded.inputs().size();
    int outputs = OpOutputs.count(file);
    var seen = new boolean[outputs];
    for (FileAction action : file.actions()) {
      index("the base", action.input(), -1, known, "input");
      owner(action, known);
      if (action.change() instanceof FileAction.Copy) {
        index("the copy source", action.secondaryInput(), 0, known, "input");
      }
      index("an action", action.output(), -1, outputs, "output");
      if (action.output() >= 0) {
        if (seen[(int) action.output()]) {
          throw invalid("two actions have the output " + action.output());
        }
        seen[(int) action.output()] = true;
      }
      known++;
    }
    if (outputs == 0) {
      throw invalid("none of its actions has an output");
    }
  }

  private void owner(FileAction action, int known) {
    var owner =
        switch (action.change()) {
          case FileAction.Copy copy -> copy.owner();
          case FileAction.MakeFile file -> file.owner();
          case FileAction.MakeDirectory directory -> directory.owner();
          case FileAction.Symlink link -> link.owner();
          case FileAction.Remove remove -> null;
        };
    if (owner != null) {
      if (owner.user() instanceof FileAction.ByName user) {
        index("the user's name", user.input(), -1, known, "input");
      }
      if (owner.group() instanceof FileAction.ByName group) {
        index("the group's name", group.input(), -1, known, "input");
      }
    }
  }

  private void check(LlbOp.BuildOp build) {
    if (build.builder() != -1) {
      throw invalid("only the builder -1 (LLB) is known, got " + build.builder());
    }
    build.inputs().forEach((name, input) -> inputOrNone("'" + name + "'", input));
  }

  private void inputOrNone(String what, long index) {
    index(what, index, -1, encoded.inputs().size(), "input");
  }

  private void index(String what, long index, int least, int end, String of) {
    if (index < least || index >= end) {
      throw invalid(what + " has the " + of + " " + index + ", want " + least + " to " + (end - 1));
    }
  }

  private BuildException invalid(String why) {
    return new BuildException(
        Code.INVALID, place + " is not a valid step: " + why, null, place.origin());
  }
}
