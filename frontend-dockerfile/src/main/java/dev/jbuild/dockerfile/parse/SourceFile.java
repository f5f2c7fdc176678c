package dev.jbuild.dockerfile.parse;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Bytes;
import java.util.List;

/**
 * A file that instructions come from, and the errors that point into it.
 *
 * @param filename as the user knows it
 */
public record SourceFile(String filename, String text, SourceInfo info) {
  private static final String LANGUAGE = "Dockerfile";

  public SourceFile(String filename, String text) {
    this(filename, text, new SourceInfo(filename, Bytes.utf8(text), LANGUAGE));
  }

  /** A user's mistake at this place. The message is one line: {@code Dockerfile:3: why}. */
  public BuildException error(SourceRange range, String why) {
    return failure(Code.INVALID, range, why);
  }

  /** Something that is right but that jbuild does not do. */
  public BuildException notOffered(SourceRange range, String what) {
    return failure(Code.UNIMPLEMENTED, range, what);
  }

  /** Something that is beyond a bound of jbuild: nothing more is looked at. */
  public BuildException tooMuch(SourceRange range, String what) {
    return failure(Code.RESOURCE_EXHAUSTED, range, what);
  }

  /** The same failure with its place, unless it has one. */
  public BuildException at(SourceRange range, BuildException failure) {
    for (Detail detail : failure.details()) {
      if (detail instanceof Detail.Source) {
        return failure;
      }
    }
    return new BuildException(
        failure.code(),
        filename + ":" + range.startLine() + ": " + failure.message(),
        failure,
        List.of(place(range)));
  }

  /** Where an op comes from. */
  public SourceLocation location(SourceRange range) {
    return new SourceLocation(info, List.of(range));
  }

  private BuildException failure(Code code, SourceRange range, String why) {
    return new BuildException(
        code, filename + ":" + range.startLine() + ": " + why, null, List.of(place(range)));
  }

  /** The lines of this place, for an excerpt. */
  public Detail.Source place(SourceRange range) {
    var lines =
        new Detail.Lines(
            range.startLine(), range.startCharacter(), range.endLine(), range.endCharacter());
    return new Detail.Source(filename, text, LANGUAGE, List.of(lines));
  }
}
