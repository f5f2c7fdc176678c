package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The frontend's options that flags become. Source: reference dockerfile-frontend-opts, sections 2
 * and 4.
 */
record FrontendAttrs(Map<String, String> env, Path directory) {
  private static final Pattern REMOTE = Pattern.compile("(https?|git|ssh)://|git@");
  private static final Pattern CONTEXT_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_./:@-]*");

  /** The attributes; adds the directories and layouts of named contexts to those given. */
  TreeMap<String, String> of(
      BuildOptions options, Map<String, Path> directories, Map<String, Path> layouts) {
    var attrs = new TreeMap<String, String>();
    buildArgs(options.buildArgs(), attrs);
    for (String label : options.labels()) {
      int equals = label.indexOf('=');
      String key = equals < 0 ? label : label.substring(0, equals);
      if (key.isEmpty()) {
        throw new UsageException("--label: want key=value, got '" + label + "'");
      }
      attrs.put("label:" + key, equals < 0 ? "" : label.substring(equals + 1));
    }
    if (options.target() != null) {
      attrs.put("target", options.target());
    }
    if (options.noCache()) {
      attrs.put("no-cache", "");
    } else if (!options.noCacheFilter().isEmpty()) {
      attrs.put("no-cache", Csv.line(values(options.noCacheFilter())));
    }
    if (options.pull()) {
      attrs.put("image-resolve-mode", "pull");
    }
    NetworkAttrs.add(options.network(), attrs);
    if (!options.platforms().isEmpty()) {
      attrs.put("platform", Csv.line(values(options.platforms())));
    }
    options.limits().addTo(attrs);
    for (String value : options.buildContexts()) {
      buildContext(value, attrs, directories, layouts);
    }
    return attrs;
  }

  private void buildArgs(List<String> buildArgs, Map<String, String> attrs) {
    String epoch = env.get("SOURCE_DATE_EPOCH");
    if (epoch != null) {
      attrs.put("build-arg:SOURCE_DATE_EPOCH", epoch);
    }
    for (String arg : buildArgs) {
      int equals = arg.indexOf('=');
      String key = equals < 0 ? arg : arg.substring(0, equals);
      if (key.isEmpty()) {
        throw new UsageException("--build-arg: want NAME=value or NAME, got '" + arg + "'");
      }
      String value = equals < 0 ? env.get(key) : arg.substring(equals + 1);
      if (value != null) {
        attrs.put("build-arg:" + key, value);
      }
    }
  }

  /** Of a flag that may be repeated, and takes several each time. */
  private static List<String> values(List<String> given) {
    var values = new ArrayList<String>();
    given.forEach(value -> values.addAll(Csv.fields(value)));
    values.replaceAll(String::strip);
    return values;
  }

  private void buildContext(
      String value,
      Map<String, String> attrs,
      Map<String, Path> directories,
      Map<String, Path> layouts) {
    int equals = value.indexOf('=');
    if (equals < 1 || equals == value.length() - 1) {
      throw new UsageException("--build-context: want name=value, got '" + value + "'");
    }
    String name = value.substring(0, equals);
    String target = value.substring(equals + 1);
    if (!CONTEXT_NAME.matcher(name).matches()) {
      throw new UsageException("--build-context: '" + name + "' can not be a name");
    }
    String key = "context:" + name;
    if (target.startsWith("oci-layout://")) {
      new LayoutContext(directory).add(name, target, attrs, layouts);
    } else if (target.startsWith("docker-image://")) {
      attrs.put(key, target);
    } else if (REMOTE.matcher(target).lookingAt()) {
      attrs.put(key, target); // the frontend knows the forms
    } else if (target.contains("://")) {
      throw new UsageException(
          "--build-context "
              + value
              + ": want a directory, docker-image://, oci-layout://, or a git or http URL");
    } else {
      Path at = directory.resolve(target).normalize();
      if (!Files.isDirectory(at)) {
        throw new BuildException(
            Code.NOT_FOUND, "--build-context " + value + ": '" + target + "' is not a directory");
      }
      String local = name.equals("context") || name.equals("dockerfile") ? "_" + name : name;
      directories.put(local, at);
      attrs.put(key, "local:" + local);
    }
  }
}
