package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The containers of one conversation by their ids. Its lock guards the table. */
final class Containers {
  /** So many one build can have. */
  static final int CONTAINERS = 100;

  private final Map<String, Container> open = new HashMap<>();

  /**
   * @throws BuildException ALREADY_EXISTS when the id is taken, INVALID when it is empty;
   *     RESOURCE_EXHAUSTED when there are too many
   */
  synchronized void add(String id, Container container) {
    if (id.isEmpty()) {
      throw new BuildException(Code.INVALID, "new container: its id is empty");
    }
    if (open.containsKey(id)) {
      throw new BuildException(Code.ALREADY_EXISTS, "container '" + id + "' already exists");
    }
    if (open.size() >= CONTAINERS) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          "new container '" + id + "': the build has " + CONTAINERS + " containers, release some");
    }
    open.put(id, container);
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

  /** Ends all; no call may be under way, and none may come later. */
  void releaseAll() {
    List<Container> left;
    synchronized (this) {
      left = List.copyOf(open.values());
      open.clear();
    }
    left.forEach(Container::release);
  }

  private static Container known(String id, @Nullable Container found) {
    if (found == null) {
      throw new BuildException(Code.NOT_FOUND, "no such container '" + id + "' in this build");
    }
    return found;
  }
}
