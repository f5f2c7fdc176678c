package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.process.spec.RuntimeSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Who a step runs as.
 *
 * @param ids numeric user, group and supplementary groups (the primary one among them)
 * @param home home directory, {@code /} when the image names none
 */
record StepUser(RuntimeSpec.User ids, String home) {
  private static final String PASSWD = "/etc/passwd";
  private static final String GROUP = "/etc/group";
  private static final long MAX_ID = 0xfffffffeL;
  private static final int PASSWD_FIELDS = 6;
  private static final int GROUP_FIELDS = 4;

  /**
   * Looks a user up in the root file system.
   *
   * @param root the step's root as the host sees it
   * @param wanted {@code name}, {@code uid}, {@code name:group}, {@code uid:gid}; empty is root
   * @throws BuildException NOT_FOUND for a name that the files do not have
   */
  static StepUser lookUp(Kernel kernel, Path root, String wanted) throws IOException {
    int colon = wanted.indexOf(':');
    String userPart = colon < 0 ? wanted : wanted.substring(0, colon);
    String groupPart = colon < 0 ? "" : wanted.substring(colon + 1);
    if (userPart.isEmpty()) {
      userPart = "0";
    }
    var account = account(AccountFile.read(kernel, root, PASSWD, PASSWD_FIELDS), userPart);
    var numeric = number(userPart);
    if (account == null && numeric.isEmpty()) {
      throw missing("user", userPart, PASSWD);
    }
    long uid = account == null ? numeric.getAsLong() : id(account.get(2), PASSWD);
    long gid = account == null ? 0 : id(account.get(3), PASSWD);
    var groups = AccountFile.read(kernel, root, GROUP, GROUP_FIELDS);
    var supplementary = new ArrayList<Long>();
    if (!groupPart.isEmpty()) {
      gid = group(groups, groupPart);
    } else if (account != null) {
      supplementary.addAll(membership(groups, account.getFirst()));
    }
    supplementary.remove(gid);
    supplementary.addFirst(gid);
    String home = account == null || account.get(5).isEmpty() ? "/" : account.get(5);
    return new StepUser(new RuntimeSpec.User(uid, gid, supplementary), home);
  }

  /** By name first, so that a name made of digits wins over an id, as in the field. */
  private static @Nullable List<String> account(List<List<String>> passwd, String user) {
    for (var entry : passwd) {
      if (entry.getFirst().equals(user)) {
        return entry;
      }
    }
    for (var entry : passwd) {
      if (entry.get(2).equals(user)) {
        return entry;
      }
    }
    return null;
  }

  private static long group(List<List<String>> groups, String wanted) {
    for (var entry : groups) {
      if (entry.getFirst().equals(wanted)) {
        return id(entry.get(2), GROUP);
      }
    }
    var numeric = number(wanted);
    if (numeric.isEmpty()) {
      throw missing("group", wanted, GROUP);
    }
    return numeric.getAsLong();
  }

  private static List<Long> membership(List<List<String>> groups, String user) {
    var ids = new ArrayList<Long>();
    for (var entry : groups) {
      if (List.of(entry.get(3).split(",")).contains(user)) {
        long gid = id(entry.get(2), GROUP);
        if (!ids.contains(gid)) {
          ids.add(gid);
        }
      }
    }
    return ids;
  }

  private static long id(String text, String file) {
    var number = number(text);
    if (number.isEmpty()) {
      throw new BuildException(
          Code.INVALID, "user lookup: " + file + " of the image has the id '" + text + "'");
    }
    return number.getAsLong();
  }

  private static OptionalLong number(String text) {
    if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    long value = Long.parseLong(text);
    return value <= MAX_ID ? OptionalLong.of(value) : OptionalLong.empty();
  }

  private static BuildException missing(String what, String name, String file) {
    return new BuildException(
        Code.NOT_FOUND,
        what
            + " '"
            + name
            + "' is not in "
            + file
            + " of the image: create it in an earlier step, or give a number");
  }
}
