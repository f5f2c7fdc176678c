package dev.jbuild.dockerfile.request;

import dev.jbuild.dockerfile.instruction.Suggestion;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import java.util.ArrayList;
import java.util.List;

/**
 * What may be asked instead of a build. Source: dockerfile-frontend-opts.md, section 5,
 * "Subrequests".
 */
public enum Subrequest {
  CONVERT("frontend.convertllb", "gives the graph that a target becomes"),
  DESCRIBE("frontend.subrequests.describe", "lists the requests that this frontend answers"),
  LINT("frontend.lint", "checks the file"),
  OUTLINE("frontend.outline", "lists the build arguments, secrets and caches that a target uses"),
  TARGETS("frontend.targets", "lists the stages to build");

  private final String id;
  private final String description;

  Subrequest(String id, String description) {
    this.id = id;
    this.description = description;
  }

  /**
   * @throws BuildException UNIMPLEMENTED for another id: clients look for this
   */
  public static Subrequest of(String id) {
    var ids = new ArrayList<String>();
    for (Subrequest request : values()) {
      if (request.id.equals(id)) {
        return request;
      }
      ids.add(request.id);
    }
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "unsupported request '" + id + "'" + Suggestion.of(id, ids),
        null,
        List.of(new Detail.UnknownRequest(id)));
  }

  public String id() {
    return id;
  }

  String description() {
    return description;
  }

  /** Keys of the result's metadata. */
  List<String> metadata() {
    return this == LINT
        ? List.of("result.json", "result.txt", "result.statuscode")
        : List.of("result.json", "result.txt");
  }
}
