package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.remote.GitAddress;
import dev.jbuild.dockerfile.remote.GitAddressReader;
import dev.jbuild.dockerfile.remote.RemoteOps;
import dev.jbuild.llb.FileAction;
import dev.jbuild.oci.Digest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sources of ADD that are on the net: files by URL, and git repositories. */
final class RemoteTransfer {
  private static final Pattern REMOTE =
      Pattern.compile("(https?|git|ssh|ftp)://.*", Pattern.DOTALL);

  private final SourceFile file;
  private final Step.About about;
  private final TransferEvaluation.Common common;
  private final Instruction.@Nullable Add add;
  private final String checksum;

  /**
   * @param add null for COPY, which takes nothing from the net
   * @param checksum of the instruction, expanded, or empty
   */
  RemoteTransfer(
      SourceFile file,
      Step.About about,
      TransferEvaluation.Common common,
      Instruction.@Nullable Add add,
      String checksum) {
    this.file = file;
    this.about = about;
    this.common = common;
    this.add = add;
    this.checksum = checksum;
  }

  /** The source, or null for a path of the build context. */
  Step.@Nullable Item item(Word word, String text, long timestamp) {
    GitAddress address;
    try {
      address = GitAddressReader.read(text);
    } catch (IllegalArgumentException e) {
      throw file.error(word.range(), e.getMessage() + " in '" + text + "'");
    }
    if (address == null && !REMOTE.matcher(text).matches()) {
      return null;
    }
    if (add == null) {
      throw file.error(word.range(), "COPY takes no URLs, use ADD for '" + text + "'");
    }
    if (address != null) {
      return repository(word, address, add, timestamp);
    }
    if (!RemoteOps.isHttp(text)) {
      throw file.error(
          word.range(), "ADD takes http and https URLs and git repositories, got '" + text + "'");
    }
    return download(word, text, add, timestamp);
  }

  private Step.Item repository(
      Word word, GitAddress address, Instruction.Add instruction, long timestamp) {
    Boolean keep = instruction.keepGitDir();
    if (keep != null && address.keepGitDir() != null && !keep.equals(address.keepGitDir())) {
      throw file.error(word.range(), "'--keep-git-dir' and the URL's 'keep-git-dir' differ");
    }
    if (!checksum.isEmpty() && !GitAddressReader.isCommit(checksum)) {
      throw checksumError("the commit of a git repository must be hexadecimal");
    }
    if (!checksum.isEmpty()
        && !address.checksum().isEmpty()
        && !address.checksum().equals(checksum)) {
      throw checksumError("the URL says commit '" + address.checksum() + "'");
    }
    return new Step.Item(
        new Step.Remote(RemoteOps.git(address.with(keep, checksum)), about),
        copy("/", true, false, timestamp));
  }

  private Step.Item download(Word word, String url, Instruction.Add instruction, long timestamp) {
    if (!checksum.isEmpty()) {
      try {
        Digest.parse(checksum);
      } catch (IllegalArgumentException e) {
        throw checksumError("the checksum of a URL must be such as sha256:<64 hex digits>");
      }
    }
    if (!RemoteOps.hasFilename(url) && common.dest().endsWith("/")) {
      throw file.error(
          word.range(),
          "'" + url + "' names no file, so the destination must: '" + common.dest() + "name'");
    }
    String name = RemoteOps.filename(url);
    return new Step.Item(
        new Step.Remote(RemoteOps.http(url, name, checksum), about),
        copy("/" + name, false, Boolean.TRUE.equals(instruction.unpack()), timestamp));
  }

  private RuntimeException checksumError(String why) {
    Word word = add == null ? null : add.checksum();
    if (word == null) {
      throw new IllegalStateException("a checksum without its flag");
    }
    return file.error(word.range(), why + ", got '" + checksum + "'");
  }

  private FileAction.Copy copy(String src, boolean contents, boolean unpack, long timestamp) {
    return new FileAction.Copy(
        src,
        common.dest(),
        common.owner(),
        common.mode().bits(),
        false,
        contents,
        unpack,
        true,
        false,
        false,
        timestamp,
        List.of(),
        contents ? common.exclude() : List.of(),
        false,
        common.mode().symbolic(),
        List.of());
  }
}
