package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.convert.LocalSources;
import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.oci.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the Dockerfile and its own ignore file. */
final class DockerfileLoader {
  private static final String USUAL_NAME = "Dockerfile";
  private static final String IGNORE_SUFFIX = ".dockerignore";

  private final FrontendBridge bridge;
  private final ContextOptions options;
  private final LocalSources locals;
  private final Map<String, OpNode.Output> inputs;

  DockerfileLoader(
      FrontendBridge bridge,
      ContextOptions options,
      LocalSources locals,
      Map<String, OpNode.Output> inputs) {
    this.bridge = bridge;
    this.options = options;
    this.locals = locals;
    this.inputs = inputs;
  }

  DockerfileText load() throws InterruptedException {
    String filename = options.filename();
    int slash = filename.lastIndexOf('/') + 1;
    var names = new ArrayList<String>(List.of(filename));
    if (filename.substring(slash).equals(USUAL_NAME)) {
      names.add(filename.substring(0, slash) + "dockerfile");
    }
    OpNode.Output source = source(names);
    for (String name : names) {
      Optional<Bytes> content = bridge.readFile(source, name);
      if (content.isPresent()) {
        Bytes bytes = content.get();
        var file =
            new SourceFile(filename, bytes.toUtf8(), new SourceInfo(filename, bytes, "Dockerfile"));
        return new DockerfileText(
            file, bridge.readFile(source, filename + IGNORE_SUFFIX).orElse(null));
      }
    }
    throw new BuildException(
        Code.NOT_FOUND, filename + ": there is no such Dockerfile in what the client sent");
  }

  private OpNode.Output source(List<String> names) {
    OpNode.Output given = inputs.get(options.dockerfileLocal());
    if (given != null && !options.dockerfileForced()) {
      return given;
    }
    var paths = new ArrayList<>(names);
    paths.add(1, options.filename() + IGNORE_SUFFIX);
    return locals.files(
        options.dockerfileLocal(),
        paths,
        options.dockerfileLocal(),
        "[internal] load build definition from " + options.filename());
  }
}
