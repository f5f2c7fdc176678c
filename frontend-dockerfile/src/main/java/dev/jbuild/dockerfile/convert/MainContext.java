package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.ignore.IgnoreFile;
import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The build context: the client's directory without what the ignore file names, or the graph that
 * the client gave instead. Source: dockerfile-frontend-opts.md, section 1.
 */
public final class MainContext {
  private static final String IGNORE_FILE = ".dockerignore";

  private final FrontendBridge bridge;
  private final ContextOptions options;
  private final LocalSources locals;
  private final Map<String, OpNode.Output> inputs;
  private final @Nullable Bytes ownIgnore;
  private @Nullable List<String> excludes;

  /**
   * @param ownIgnore content of the ignore file beside the Dockerfile, which wins; null for none
   */
  public MainContext(
      FrontendBridge bridge,
      ContextOptions options,
      LocalSources locals,
      Map<String, OpNode.Output> inputs,
      @Nullable Bytes ownIgnore) {
    this.bridge = bridge;
    this.options = options;
    this.locals = locals;
    this.inputs = inputs;
    this.ownIgnore = ownIgnore;
  }

  /** The op of the context; null when nothing of it is used. */
  OpNode.@Nullable Output output(UsedPaths used) throws InterruptedException {
    if (!used.isUsed()) {
      return null;
    }
    OpNode.Output given = inputs.get(ContextOptions.CONTEXT_LOCAL);
    if (given != null) {
      return options.subdirectory().isEmpty() ? given : subdirectory(given);
    }
    return locals.directory(
        ContextOptions.CONTEXT_LOCAL,
        used.followPaths(),
        excludes(),
        ContextOptions.CONTEXT_LOCAL,
        "[internal] load build context");
  }

  /** What the ignore file leaves out; nothing where the client gave a graph. */
  PathPatterns ignored() throws InterruptedException {
    boolean given = inputs.containsKey(ContextOptions.CONTEXT_LOCAL);
    return PathPatterns.of(given ? List.of() : excludes());
  }

  private List<String> excludes() throws InterruptedException {
    List<String> known = excludes;
    if (known == null) {
      known = readExcludes();
      excludes = known;
    }
    return known;
  }

  private List<String> readExcludes() throws InterruptedException {
    if (ownIgnore != null) {
      return IgnoreFile.read(options.filename() + IGNORE_FILE, ownIgnore.toUtf8());
    }
    OpNode.Output source =
        locals.files(
            ContextOptions.CONTEXT_LOCAL,
            List.of(IGNORE_FILE),
            ContextOptions.CONTEXT_LOCAL + "-" + IGNORE_FILE,
            "[internal] load " + IGNORE_FILE);
    Optional<Bytes> ignore = bridge.readFile(source, IGNORE_FILE);
    return ignore.isEmpty() ? List.of() : IgnoreFile.read(IGNORE_FILE, ignore.get().toUtf8());
  }

  private OpNode.Output subdirectory(OpNode.Output whole) {
    String path = SlashPath.resolve("/", options.subdirectory());
    var copy =
        new FileAction.Copy(
            path, "/", null, -1, false, true, false, false, false, false, -1, List.of(), List.of(),
            false, "", List.of());
    var op = new LlbOp.FileOp(List.of(new FileAction(-1, 0, 0, copy)));
    return new OpNode(
            op, List.of(whole), null, OpMetadata.named("[internal] take " + path), List.of())
        .output(0);
  }
}
