package dev.jbuild.cli.build;

import dev.jbuild.cli.build.BuildPlan.ArchiveOnInput;
import dev.jbuild.cli.build.BuildPlan.ContextDirectory;
import dev.jbuild.cli.build.BuildPlan.DockerfileAt;
import dev.jbuild.cli.build.BuildPlan.DockerfileInContext;
import dev.jbuild.cli.build.BuildPlan.DockerfileText;
import dev.jbuild.cli.build.BuildPlan.EmptyContext;
import dev.jbuild.cli.build.BuildPlan.RemoteContext;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ImageRef;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Turns flags into a {@link BuildPlan} with {@code docker build}'s meanings.
 *
 * @param in standard input; read again from its start where it begins with a tar
 * @param directory that relative paths start at
 */
public record BuildPlanner(Map<String, String> env, Path directory, InputStream in) {
  private static final String STDIN = "-";
  private static final String DEFAULT_NAME = "Dockerfile";
  private static final int TEXT_LIMIT_BYTES = 4 << 20;

  public BuildPlanner {
    in = in.markSupported() ? in : new BufferedInputStream(in);
  }

  /**
   * Makes the plan. Reads standard input when the Dockerfile comes that way.
   *
   * @throws UsageException when a flag's value can not be understood
   * @throws BuildException when a file that is named is not there
   */
  public BuildPlan plan(BuildOptions options) {
    var directories = new TreeMap<String, Path>();
    boolean contextFromStdin = options.path().equals(STDIN);
    BuildPlan.Context context =
        contextFromStdin
            ? contextOnInput()
            : remote(options.path())
                ? new RemoteContext(options.path())
                : contextDirectory(options.path());
    BuildPlan.Dockerfile dockerfile = dockerfile(options, context);
    if (context instanceof ContextDirectory at) {
      directories.put("context", at.directory());
    }
    if (dockerfile instanceof DockerfileAt at) {
      directories.put("dockerfile", at.directory());
    }
    var layouts = new TreeMap<String, Path>();
    var attrs = new FrontendAttrs(env, directory).of(options, directories, layouts);
    attrs.put("filename", dockerfile.name());
    if (context instanceof RemoteContext at) {
      attrs.put("context", at.url());
    }
    if (options.call().asks()) {
      attrs.put("requestid", options.call().kind().requestId());
    }
    var entitlements = new TreeSet<>(AllowFlag.entitlements(options.allow()));
    if (NetworkFlag.parse(options.network().mode()) == NetworkFlag.HOST) {
      entitlements.add("network.host");
    }
    List<OutputSpec> outputs = options.call().asks() ? List.of() : outputs(options);
    var kept = new ArrayList<>(directories.values());
    kept.addAll(layouts.values());
    kept.add(directory);
    DeletingOutputs.check(outputs, entitlements, directory, kept);
    entitlements.remove(DeletingOutputs.GRANT);
    return new BuildPlan(
        attrs,
        dockerfile,
        context,
        directories,
        layouts,
        outputs,
        entitlements,
        SecretSpec.parse(options.secrets(), env, directory),
        AgentSpec.parse(options.agents(), env, directory),
        SourcePolicyFile.read(options.sourcePolicyFile(), env, directory));
  }

  private ContextDirectory contextDirectory(String path) {
    Path at = directory.resolve(path).normalize();
    if (Files.isDirectory(at)) {
      return new ContextDirectory(at);
    }
    if (Files.exists(at)) {
      throw new BuildException(
          Code.INVALID,
          "context '" + path + "' is a file; give a directory, and the Dockerfile with -f");
    }
    throw new BuildException(Code.NOT_FOUND, "context '" + path + "': no such directory");
  }

  private static boolean remote(String path) {
    return path.contains("://") || path.startsWith("git@") || path.startsWith("github.com/");
  }

  private BuildPlan.Dockerfile dockerfile(BuildOptions options, BuildPlan.Context context) {
    String file = options.file();
    return switch (context) {
      case EmptyContext empty -> {
        if (file != null) {
          throw new UsageException(
              "standard input is the Dockerfile itself, as it is no tar: -f can not be given beside"
                  + " it");
        }
        yield new DockerfileText(DEFAULT_NAME, textFromStdin());
      }
      case ArchiveOnInput archive -> {
        if (STDIN.equals(file)) {
          throw new UsageException("standard input is the context: -f can not be '-', too");
        }
        yield new DockerfileInContext(file == null ? DEFAULT_NAME : file);
      }
      case RemoteContext remote ->
          STDIN.equals(file)
              ? new DockerfileText(DEFAULT_NAME, textFromStdin())
              : new DockerfileInContext(file == null ? DEFAULT_NAME : file);
      case ContextDirectory at -> {
        if (STDIN.equals(file)) {
          yield new DockerfileText(DEFAULT_NAME, textFromStdin());
        }
        yield file == null ? inContext(at.directory()) : named(file, at.directory());
      }
    };
  }

  private DockerfileAt inContext(Path context) {
    for (String name : List.of(DEFAULT_NAME, "dockerfile")) {
      if (Files.isRegularFile(context.resolve(name))) {
        return new DockerfileAt(context, name);
      }
    }
    throw new BuildException(
        Code.NOT_FOUND, "no Dockerfile in '" + context + "'; name another file with -f");
  }

  private DockerfileAt named(String file, Path context) {
    Path at = directory.resolve(file).normalize();
    Path parent = at.getParent();
    Path name = at.getFileName();
    if (Files.isRegularFile(at) && parent != null && name != null) {
      return new DockerfileAt(parent, name.toString());
    }
    String where =
        Files.isRegularFile(context.resolve(file))
            ? "; -f is relative to the working directory, did you mean '"
                + directory.relativize(context.resolve(file).normalize())
                + "'?"
            : "";
    String what = Files.isDirectory(at) ? "is a directory" : "no such file";
    throw new BuildException(Code.NOT_FOUND, "Dockerfile '" + file + "': " + what + where);
  }

  /** A tar, or else the Dockerfile. */
  private BuildPlan.Context contextOnInput() {
    in.mark(Archives.HEAD_BYTES);
    try {
      boolean archive = Archives.looksLikeArchive(in.readNBytes(Archives.HEAD_BYTES));
      in.reset();
      return archive ? new ArchiveOnInput(in) : new EmptyContext();
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "standard input: can not be read: " + e.getMessage(), e);
    }
  }

  private Bytes textFromStdin() {
    byte[] text;
    try {
      text = in.readNBytes(TEXT_LIMIT_BYTES + 1);
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "standard input: the Dockerfile could not be read: " + e.getMessage(), e);
    }
    if (Archives.looksLikeArchive(text)) {
      throw new BuildException(
          Code.INVALID, "standard input: is an archive, but -f - wants the text of a Dockerfile");
    }
    if (text.length > TEXT_LIMIT_BYTES) {
      throw new BuildException(
          Code.INVALID, "standard input: a Dockerfile of more than 4 MiB is not read");
    }
    return Bytes.copyOf(text);
  }

  /**
   * With names the image store takes the image, beside what else is made of it; a caller that wants
   * an id gets an image without a name.
   */
  private static List<OutputSpec> outputs(BuildOptions options) {
    var outputs = new ArrayList<OutputSpec>();
    for (String text : options.outputs()) {
      outputs.add(OutputSpec.parse(text));
    }
    if (options.push()) {
      if (outputs.stream().noneMatch(output -> output.type().equals("image"))) {
        outputs.add(OutputSpec.image(Map.of()));
      }
      outputs.replaceAll(output -> output.type().equals("image") ? output.pushed() : output);
    }
    boolean nothingAsked = outputs.isEmpty();
    outputs.removeIf(output -> output.type().equals("cacheonly"));
    if (outputs.stream().filter(output -> OutputSpec.STDOUT.equals(output.destination())).count()
        > 1) {
      throw new UsageException("--output: only one can go to standard output");
    }
    boolean wantsId =
        options.iidFile() != null || options.progress() == BuildOptions.ProgressMode.QUIET;
    if (!options.tags().isEmpty()) {
      String names = Csv.line(options.tags().stream().map(BuildPlanner::whole).toList());
      if (outputs.stream().noneMatch(output -> output.type().equals("image"))) {
        outputs.add(OutputSpec.image(Map.of()));
      }
      outputs.replaceAll(output -> output.named() ? output.withName(names) : output);
    } else if (nothingAsked && wantsId) {
      outputs.add(OutputSpec.image(Map.of()));
    }
    return outputs;
  }

  /** As all daemons find it again; what is no name is refused by the daemon. */
  private static String whole(String tag) {
    try {
      return ImageRef.parse(tag).toString();
    } catch (IllegalArgumentException e) {
      return tag;
    }
  }
}
