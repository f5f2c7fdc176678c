package dev.jbuild.dockerfile.convert;

import dev.jbuild.llb.Attempts;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes ops of steps. Stages are emitted in the order of the file. Not thread safe. */
final class GraphEmitter {
  /** Description key: the instruction as written. */
  private static final String COMMAND = "com.docker.dockerfile.v1.command";

  private final LocalSources locals;
  private final Map<String, Origin> externals;
  private final Map<Integer, OpNode.Output> stages = new HashMap<>();
  private final Map<String, OpNode.Output> externalOutputs = new HashMap<>();
  private final Map<Step.Made, OpNode.Output> made = new HashMap<>();
  private final Map<LlbOp.SourceOp, OpNode.Output> remotes = new HashMap<>();
  private final OpNode.@Nullable Output context;

  /**
   * @param context of the build; null when no step uses it
   */
  GraphEmitter(
      LocalSources locals, Map<String, Origin> externals, OpNode.@Nullable Output context) {
    this.locals = locals;
    this.externals = externals;
    this.context = context;
  }

  /**
   * What the stage starts with; null for nothing. The metadata is used where an image is loaded.
   */
  OpNode.@Nullable Output origin(Origin origin, Step.@Nullable About about) {
    return switch (origin.content()) {
      case Origin.Empty empty -> null;
      case Origin.Given given -> given.output();
      case Origin.Local local ->
          locals.directory(
              local.source().local(),
              origin.used().followPaths(),
              local.source().excludes(),
              local.source().sharedKeyHint(),
              local.source().name());
      case Origin.Image image -> {
        var op = new LlbOp.SourceOp(image.source().identifier(), image.source().attrs());
        OpMetadata metadata =
            about == null
                ? OpMetadata.named(image.source().name())
                : metadata(about, Attempts.ONE, null);
        yield new OpNode(
                op,
                List.of(),
                origin.platform(),
                metadata,
                about == null ? List.of() : List.of(about.location()))
            .output(0);
      }
    };
  }

  /** The stage's result; null for nothing. */
  OpNode.@Nullable Output stage(int index) {
    return stages.get(index);
  }

  /** Adds the steps of a stage on what it starts with. */
  void emit(int index, OpNode.@Nullable Output start, List<Step> steps) {
    OpNode.Output current = start;
    for (Step step : steps) {
      current =
          switch (step) {
            case Step.Run run -> run(run, current);
            case Step.Transfer transfer -> transfer(transfer, current);
            case Step.Directory directory -> directory(directory, current);
          };
    }
    if (current != null) {
      stages.put(index, current);
    }
  }

  private OpNode.@Nullable Output output(Step.Source source) {
    return switch (source) {
      case Step.MainContext main -> context;
      case Step.OfStage stage -> stages.get(stage.index());
      case Step.External external -> external(external.name());
      case Step.Nothing nothing -> null;
      case Step.Remote remote -> remotes.computeIfAbsent(remote.op(), op -> fetch(remote));
      case Step.Made file -> made.computeIfAbsent(file, GraphEmitter::make);
    };
  }

  private OpNode.@Nullable Output external(String name) {
    OpNode.Output known = externalOutputs.get(name);
    Origin origin = externals.get(name);
    if (known != null || origin == null) {
      return known;
    }
    OpNode.Output output = origin(origin, null);
    if (output != null) {
      externalOutputs.put(name, output);
    }
    return output;
  }

  private static OpNode.Output fetch(Step.Remote remote) {
    return node(remote.op(), new Inputs(), remote.about());
  }

  private static OpNode.Output make(Step.Made file) {
    var op = new LlbOp.FileOp(List.of(new FileAction(-1, -1, 0, file.change())));
    return new OpNode(op, List.of(), null, OpMetadata.named(file.shownName()), List.of()).output(0);
  }

  private OpNode.Output run(Step.Run run, OpNode.@Nullable Output root) {
    var inputs = new Inputs();
    var mounts = new ArrayList<MountSpec>();
    mounts.add(MountSpec.bind(inputs.index(root), "/", 0, false));
    for (Step.Mounted mounted : run.mounts()) {
      mounts.add(
          new MountSpec(
              inputs.index(output(mounted.source())),
              mounted.selector(),
              mounted.dest(),
              -1,
              mounted.readonly(),
              mounted.type(),
              mounted.options(),
              "",
              MountSpec.ContentCache.DEFAULT));
    }
    var op =
        new LlbOp.ExecOp(
            run.meta(), mounts, run.network(), run.security(), run.secretEnv(), run.devices());
    return new OpNode(
            op,
            inputs.outputs(),
            run.platform(),
            metadata(run.about(), run.attempts(), run.resources()),
            List.of(run.about().location()))
        .output(0);
  }

  /** A linked copy is made on nothing and then put on top, so that it is the same on any base. */
  private OpNode.Output transfer(Step.Transfer transfer, OpNode.@Nullable Output base) {
    Step.About link = transfer.link();
    if (link == null) {
      return transfer(transfer, base, transfer.about());
    }
    OpMetadata.ProgressGroup group = link.group();
    Step.About part = group == null ? transfer.about() : transfer.about().weak(group);
    OpNode.Output copied = transfer(transfer, null, part);
    if (base == null) {
      return copied;
    }
    var inputs = new Inputs();
    var layers = List.of(inputs.index(base), inputs.index(copied));
    return node(new LlbOp.MergeOp(layers), inputs, link);
  }

  /** Each action changes the result of the one before; the last one's is the output. */
  private OpNode.Output transfer(
      Step.Transfer transfer, OpNode.@Nullable Output base, Step.About about) {
    var inputs = new Inputs();
    long baseIndex = inputs.index(base);
    var sources = new ArrayList<Long>();
    for (Step.Item item : transfer.items()) {
      sources.add(inputs.index(output(item.source())));
    }
    var actions = new ArrayList<FileAction>();
    for (int i = 0; i < sources.size(); i++) {
      long input = i == 0 ? baseIndex : inputs.size() + i - 1;
      boolean last = i == sources.size() - 1;
      FileAction.Copy copy = withNamesFrom(transfer.items().get(i).copy(), input);
      actions.add(new FileAction(input, sources.get(i), last ? 0 : -1, copy));
    }
    return node(new LlbOp.FileOp(actions), inputs, about);
  }

  private static FileAction.Copy withNamesFrom(FileAction.Copy copy, long input) {
    return new FileAction.Copy(
        copy.src(),
        copy.dest(),
        Owners.in(copy.owner(), input),
        copy.mode(),
        copy.followSymlink(),
        copy.dirCopyContents(),
        copy.attemptUnpack(),
        copy.createDestPath(),
        copy.allowWildcard(),
        copy.allowEmptyWildcard(),
        copy.timestamp(),
        copy.includePatterns(),
        copy.excludePatterns(),
        copy.alwaysReplaceExistingDestPaths(),
        copy.modeText(),
        copy.requiredPaths());
  }

  private OpNode.Output directory(Step.Directory step, OpNode.@Nullable Output base) {
    var inputs = new Inputs();
    long input = inputs.index(base);
    FileAction.MakeDirectory change = step.change();
    var owned =
        new FileAction.MakeDirectory(
            change.path(),
            change.mode(),
            change.makeParents(),
            Owners.in(change.owner(), input),
            change.timestamp());
    var op = new LlbOp.FileOp(List.of(new FileAction(input, -1, 0, owned)));
    return node(op, inputs, step.about());
  }

  private static OpNode.Output node(LlbOp op, Inputs inputs, Step.About about) {
    OpMetadata metadata = metadata(about, Attempts.ONE, null);
    return new OpNode(op, inputs.outputs(), null, metadata, List.of(about.location())).output(0);
  }

  private static OpMetadata metadata(
      Step.About about, Attempts attempts, OpMetadata.@Nullable LinuxResources resources) {
    var description = new HashMap<>(attempts.described());
    description.put(OpMetadata.CUSTOM_NAME, about.name());
    description.put(COMMAND, about.command());
    return new OpMetadata(
        about.ignoreCache(), description, null, Map.of(), about.group(), resources);
  }

  /** The inputs of an op in the making, equal ones once. */
  private static final class Inputs {
    private final List<OpNode.Output> outputs = new ArrayList<>();
    private final Map<OpNode.Output, Long> indexes = new HashMap<>();

    /** -1 for nothing. */
    long index(OpNode.@Nullable Output output) {
      if (output == null) {
        return -1;
      }
      Long known = indexes.putIfAbsent(output, (long) outputs.size());
      if (known != null) {
        return known;
      }
      outputs.add(output);
      return outputs.size() - 1L;
    }

    int size() {
      return outputs.size();
    }

    List<OpNode.Output> outputs() {
      return outputs;
    }
  }
}
