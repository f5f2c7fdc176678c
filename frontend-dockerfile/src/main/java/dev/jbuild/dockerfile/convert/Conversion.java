package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.lint.Remarks;
import dev.jbuild.dockerfile.lint.Rule;
import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.error.BuildException;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendResult.PlatformResult;
import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.oci.json.JsonText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** Turns a Dockerfile into one graph for one platform. Used once a platform, by one thread. */
public final class Conversion {
  private final Dockerfile dockerfile;
  private final BuildOptions options;
  private final FrontendBridge bridge;
  private final MainContext context;
  private final Map<String, OpNode.Output> inputs;
  private final Words words;
  private final ExecutorService executor;

  /**
   * @param executor for looking for several base images at once
   */
  public Conversion(
      Dockerfile dockerfile,
      BuildOptions options,
      FrontendBridge bridge,
      MainContext context,
      Map<String, OpNode.Output> inputs,
      Remarks remarks,
      ExecutorService executor) {
    this.executor = executor;
    this.dockerfile = dockerfile;
    this.options = options;
    this.bridge = bridge;
    this.context = context;
    this.inputs = inputs;
    this.words =
        new Words(
            dockerfile.tree().file(), dockerfile.tree().escape(), remarks, new Words.Budget());
  }

  /**
   * A result and what belongs to it.
   *
   * @param epoch of {@code SOURCE_DATE_EPOCH}, null when not set
   * @param target the stage that is the result
   */
  public record Converted(
      PlatformResult result, @Nullable Instant epoch, Instruction.From target, Outline outline) {}

  /** Converts for this platform. */
  public Converted convert(Platform target) throws InterruptedException {
    var mistakes = new Mistakes();
    var locals = new LocalSources(options.context());
    var contexts = new NamedContexts(options.context());
    GlobalScope globals = globals(options.buildArgs(), target, words::expand);
    Instant epoch =
        new SourceDate(options.context(), bridge).of(options, globals, dockerfile.tree().file());
    var froms = new FromWords(words, globals, defaults(target), target);
    StagePlan plan = StagePlan.of(dockerfile, froms, contexts, target, words, mistakes);
    mistakes.fail();
    PlannedStage wanted = plan.target(options.target());
    var loader = new ContextLoader(bridge, options.context(), locals, inputs);
    var resolver = new OriginResolver(bridge, contexts, loader, options.resolveMode(), executor);
    var wantedPlatform = new OriginResolver.Wanted(target, !options.platforms().isEmpty());
    var needed = new NeededStages(plan, resolver, wantedPlatform, words, mistakes);
    List<ReadyStage> stages = needed.of(wanted);
    var scope =
        new BuildScope(
            options,
            globals,
            plan,
            target,
            epoch,
            new UsedPaths(),
            new ArrayList<>(),
            needed.externals(),
            new HashMap<>(),
            mistakes,
            new Outline());
    stages.forEach(stage -> noteArguments(stage.planned().from(), scope));
    var evaluator = new PlanEvaluation(scope, words);
    stages.forEach(evaluator::evaluate);
    mistakes.fail();
    remarkIgnored(scope.copied());
    evaluator.state(wanted.index()).used().addAll(); // the result is all of the target
    var emitter = new GraphEmitter(locals, needed.externals(), context.output(scope.context()));
    evaluator.emit(emitter);
    PlatformResult result =
        result(evaluator.state(wanted.index()), target, epoch, emitter.stage(wanted.index()));
    checkSize(result.imageConfig(), wanted.from());
    return new Converted(result, epoch, wanted.from(), scope.outline());
  }

  /** The arguments that FROM uses. */
  private void noteArguments(Instruction.From from, BuildScope scope) {
    Word platform = from.platform();
    for (Word word : platform == null ? List.of(from.image()) : List.of(platform, from.image())) {
      for (String name : words.expandQuietly(word, scope.globals()).used()) {
        Instruction.Arg arg = scope.globals().declaration(name);
        if (arg != null) {
          scope.outline().argument(name, arg, scope.globals().value(name), arg.range());
        }
      }
    }
  }

  /** What the scope is without build arguments; null where the file needs one to be read. */
  private @Nullable GlobalScope defaults(Platform target) {
    if (!words.wants(Rule.INVALID_DEFAULT_ARG_IN_FROM)) {
      return null;
    }
    try {
      return globals(
          Map.of(), target, (word, variables) -> words.expandQuietly(word, variables).text());
    } catch (BuildException e) {
      return null;
    }
  }

  private void remarkIgnored(List<BuildScope.Copied> copied) throws InterruptedException {
    if (copied.isEmpty() || !words.wants(Rule.COPY_IGNORED_FILE)) {
      return;
    }
    PathPatterns ignored = context.ignored();
    for (BuildScope.Copied one : copied) {
      if (ignored.matches(one.path()) && !ignored.mayReincludeBelow(one.path())) {
        one.words()
            .remark(
                Rule.COPY_IGNORED_FILE,
                one.range(),
                "'" + one.path() + "' is left out by the ignore file");
      }
    }
  }

  private GlobalScope globals(
      Map<String, String> buildArgs, Platform target, GlobalScope.Expander expander) {
    String stage = options.target();
    if (stage == null) {
      stage = dockerfile.stages().getLast().from().stageName();
    }
    return GlobalScope.of(
        dockerfile,
        buildArgs,
        new GlobalScope.Given(
            bridge.platforms().get(0).normalized(), target, stage == null ? "default" : stage),
        expander);
  }

  private PlatformResult result(
      StageState state, Platform target, @Nullable Instant epoch, OpNode.@Nullable Output root) {
    state.labels.putAll(options.labels());
    ImageConfig config = state.toConfig(imagePlatform(state, target), epoch);
    Bytes base = state.received();
    return new PlatformResult(target, root, ImageConfigJson.write(config), base);
  }

  /** Nobody reads a config that is longer, jbuild included. */
  private void checkSize(Bytes config, Instruction.From from) {
    if (config.size() > JsonText.MAX_BYTES) {
      throw dockerfile
          .tree()
          .file()
          .tooMuch(
              from.range(),
              "the image config of this stage has "
                  + config.size()
                  + " bytes, at most "
                  + JsonText.MAX_BYTES
                  + " are read: shorten its variables, labels and commands");
    }
  }

  /** What the base image says, unless the user asked for a platform. */
  private Platform imagePlatform(StageState state, Platform target) {
    Platform image = state.imagePlatform().normalized();
    if (!options.platforms().isEmpty() || image.os().isEmpty() || image.architecture().isEmpty()) {
      return target.normalized();
    }
    return image;
  }
}
