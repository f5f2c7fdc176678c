package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** An OCI layout directory as a named context: {@code oci-layout://DIR[:tag][@digest]}. */
record LayoutContext(Path directory) {
  private static final String SCHEME = "oci-layout://";

  void add(String name, String target, Map<String, String> attrs, Map<String, Path> directories) {
    String rest = target.substring(SCHEME.length());
    int at = rest.indexOf('@');
    int colon = rest.lastIndexOf(':', at < 0 ? rest.length() : at);
    int cut = at < 0 ? rest.length() : at;
    if (colon > rest.lastIndexOf('/', cut)) {
      cut = colon;
    }
    Path layout = directory.resolve(rest.substring(0, cut)).normalize();
    if (!Files.isRegularFile(layout.resolve("oci-layout"))) {
      throw new BuildException(
          Code.NOT_FOUND,
          "--build-context " + name + "=" + target + ": '" + layout + "' is not an OCI layout");
    }
    String store = "layout-" + name;
    directories.put(store, layout);
    attrs.put("context:" + name, SCHEME + store + rest.substring(cut));
  }
}
