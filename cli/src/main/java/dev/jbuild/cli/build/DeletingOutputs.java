package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.session.direct.ReplacedDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Outputs that let what is not in the result go from a directory of the user: {@code mode=delete}.
 * The grant is the client's own business, whose files they are; daemons do not know it.
 */
final class DeletingOutputs {
  static final String GRANT = "buildx.local.delete";
  private static final String REMEDY = "--allow " + GRANT;

  private DeletingOutputs() {}

  /**
   * Checks them, before anything is built.
   *
   * @param directory that destinations are relative to
   * @param kept directories that the build reads, or that the user is in
   * @throws BuildException PERMISSION_DENIED without the grant, INVALID for a directory that would
   *     take one of {@code kept} along
   */
  static void check(
      List<OutputSpec> outputs, Set<String> granted, Path directory, List<Path> kept) {
    for (OutputSpec output : outputs) {
      if (!output.deletes()) {
        continue;
      }
      String destination = Objects.requireNonNull(output.destination());
      if (!granted.contains(GRANT)) {
        throw new BuildException(
            Code.PERMISSION_DENIED,
            "--output: mode=delete deletes all that is in '"
                + destination
                + "' and not in the result: allow that with "
                + REMEDY,
            null,
            List.of(new Detail.MissingGrant(GRANT, Detail.Side.REQUEST, REMEDY)));
      }
      try {
        ReplacedDirectory.check(directory.resolve(destination), kept);
      } catch (IOException e) {
        throw new BuildException(
            Code.FAILED, "--output: '" + destination + "' cannot be looked at: " + e, e);
      }
    }
  }
}
