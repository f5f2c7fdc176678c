package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The containers of one conversation by their ids. Its lock guards the table. */
final class Containers {
  /** So many one build can have. */
  static final int CONTAINERS = 100;

  private final Map<String, Container> open = new HashMap<>();

  /**
   * @throws BuildException INVALID when the id is taken or empty; RESOURCE_EXHAUSTED when there are
   *     too many
   */
  synchronized void add(String id, Container container) {
    if (id.isEmpty()) {
      throw new BuildException(Code.INVALID, "new container: its id is empty");
    }
    if (open.size() >= CONTAINERS) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          "new container '" + id + "': the build has " + CONTAINERS + " containers, release some");
    }
    if (open.putIfAbsent(id, container) != null) {
      throw new BuildException(Code.INVALID, "container '" + id + "' already exists");
    }
  }

  /**
   * @throws BuildException NOT_FOUND when there is none
   */
  synchronized Container find(String id) {
    return known(id, open.get(id));
  }

  /** Takes it out of the table. */
  synchronized Container remove(String id) {
    return known(id, open.remove(id));
  }

  private static Container known(String id, @Nullable Container found) {
    if (found == null) {
      throw new BuildException(Code.NOT_FOUND, "no such container '" + id + "' in this build");
    }
    return found;
  }
}
