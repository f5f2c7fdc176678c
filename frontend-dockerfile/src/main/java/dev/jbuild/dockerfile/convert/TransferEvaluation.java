package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.ignore.Glob;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** COPY and ADD. */
final class TransferEvaluation {
  private static final int DOCUMENT_MODE = 0644;
  private static final int KEEP_MODE = -1;
  private static final Pattern OCTAL = Pattern.compile("[0-7]{1,10}");
  // Possessive: what goes back needs a stack that grows with the text.
  private static final String CLAUSE = "[ugoa]*+(?:[-+=](?:[ugo]|[rwxXst]*+))++";

  private static final Pattern SYMBOLIC = Pattern.compile(CLAUSE + "(?:," + CLAUSE + ")*+");

  private final StageEvaluation stage;
  private final Task task;
  private final Instruction.Transfer transfer;
  private final SourceFile file;

  /** Modes for all that is copied: a number, or a text when symbolic. */
  record Mode(int bits, String symbolic) {}

  /** What holds for all sources of the instruction. */
  record Common(String dest, FileAction.@Nullable Owner owner, Mode mode, List<String> exclude) {}

  TransferEvaluation(StageEvaluation stage, Task task, Instruction.Transfer transfer) {
    this.stage = stage;
    this.task = task;
    this.transfer = transfer;
    this.file = task.words().file();
  }

  void copy(Instruction.Copy copy) {
    Word from = copy.from();
    Step.Source source =
        from == null || from.text().isEmpty()
            ? new Step.MainContext()
            : stage.build().plan().source(stage.stage().index(), from, task.words());
    apply(source, copy.parents(), false, copy.parents() ? " --parents" : "", null);
  }

  void add(Instruction.Add add) {
    apply(new Step.MainContext(), false, !Boolean.FALSE.equals(add.unpack()), "", add);
  }

  private void apply(
      Step.Source source,
      boolean parents,
      boolean unpack,
      String parentsText,
      Instruction.@Nullable Add add) {
    String chown = expand(transfer.chown());
    String chmod = expand(transfer.chmod());
    String destText = expand(transfer.destination());
    String dest = destination(destText);
    var exclude = new ArrayList<String>();
    transfer.exclude().forEach(word -> exclude.add(expand(word)));
    var common =
        new Common(dest, chown.isEmpty() ? null : Owners.parse(chown), mode(chmod), exclude);
    Step.About about = stage.about(task, "");
    String checksum = add == null ? "" : expand(add.checksum());
    var remote = new RemoteTransfer(file, about, common, add, checksum);
    var items = new ArrayList<Step.Item>();
    var text =
        new StringBuilder(task.instruction().name())
            .append(parentsText)
            .append(chown.isEmpty() ? "" : " --chown=" + chown)
            .append(chmod.isEmpty() ? "" : " --chmod=" + chmod);
    var documents = new ArrayList<Step.Item>();
    var documentsText = new StringBuilder();
    for (Instruction.Source one : transfer.sources()) {
      switch (one) {
        case Instruction.PathSource path -> {
          String shown = expand(path.path());
          text.append(' ').append(shown);
          Step.Item fetched = remote.item(path.path(), shown, stage.build().timestampNanos());
          items.add(
              fetched == null
                  ? item(source, path.path(), shown, parents, unpack, common)
                  : fetched);
        }
        case Instruction.InlineSource inline -> {
          documentsText.append(" <<").append(inline.document().name());
          documents.add(document(inline.document(), common));
        }
      }
    }
    items.addAll(documents);
    if (items.size() > 1) {
      requireDirectory(destText, dest);
    }
    if (add != null && !checksum.isEmpty()) {
      requireOneRemote(add, items);
    }
    boolean linked = transfer.link() && chmod.isEmpty() && !Owners.hasNames(common.owner);
    stage.add(new Step.Transfer(about, items, linked ? stage.linkAbout(task) : null));
    stage.addLayerHistory(task, text + documentsText.toString() + " " + destText + " # buildkit");
  }

  private void requireOneRemote(Instruction.Add add, List<Step.Item> items) {
    Word word = add.checksum();
    boolean one = items.size() == 1 && items.getFirst().source() instanceof Step.Remote;
    if (word != null && !one) {
      throw file.error(
          word.range(), "--checksum is for one source, which is a URL or a git repository");
    }
  }

  private String expand(@Nullable Word word) {
    return word == null ? "" : task.words().expand(word, stage.state());
  }

  /** Absolute; a slash at the end is kept, since it says that the destination is a directory. */
  private String destination(String text) {
    String path = SlashPath.resolve(stage.state().directory(), text);
    return namesDirectory(text) && !path.equals("/") ? path + "/" : path;
  }

  private static boolean namesDirectory(String text) {
    return text.isEmpty()
        || text.endsWith("/")
        || text.equals(".")
        || text.endsWith("/.")
        || text.equals("..")
        || text.endsWith("/..");
  }

  /** The working directory and those above it are known to be directories. */
  private void requireDirectory(String text, String dest) {
    String below = dest.endsWith("/") ? dest : dest + "/";
    if (!namesDirectory(text) && !(stage.state().directory() + "/").startsWith(below)) {
      throw file.error(
          transfer.destination().range(),
          task.instruction().name()
              + " of several sources needs a directory as destination, write '"
              + text
              + "/'");
    }
  }

  private Mode mode(String text) {
    if (text.isEmpty()) {
      return new Mode(KEEP_MODE, "");
    }
    if (OCTAL.matcher(text).matches() && Long.parseLong(text, 8) <= 07777) {
      return new Mode(Integer.parseInt(text, 8), "");
    }
    if (SYMBOLIC.matcher(text).matches()) {
      return new Mode(KEEP_MODE, text);
    }
    Word word = transfer.chmod();
    SourceRange range = word == null ? task.range() : word.range();
    throw file.error(
        range, "--chmod needs an octal mode such as 755 or one such as u+x, got '" + text + "'");
  }

  private Step.Item item(
      Step.Source source, Word word, String path, boolean parents, boolean unpack, Common common) {
    UsedPaths used = stage.build().used(source);
    if (used != null) {
      used.add(path);
    }
    if (source instanceof Step.MainContext) {
      String inside = SlashPath.resolve("/", path).substring(1);
      stage.build().copied(new BuildScope.Copied(inside, task.words(), word.range()));
    }
    String src = path;
    List<String> include = List.of();
    List<String> required = List.of();
    if (parents) {
      int pivot = path.indexOf("/./");
      src = pivot < 0 ? "/" : path.substring(0, pivot);
      String pattern = SlashPath.resolve("/", pivot < 0 ? path : path.substring(pivot + 3));
      include = List.of(pattern.substring(1));
      if (!Glob.isPattern(src) && !Glob.isPattern(pattern)) {
        required = List.of(SlashPath.clean("/" + src + pattern));
      }
    }
    return new Step.Item(
        source,
        new FileAction.Copy(
            SlashPath.resolve("/", src),
            common.dest,
            common.owner,
            common.mode.bits,
            true,
            true,
            unpack,
            true,
            true,
            true,
            stage.build().timestampNanos(),
            include,
            common.exclude,
            false,
            common.mode.symbolic,
            required));
  }

  private Step.Item document(Heredoc heredoc, Common common) {
    String content = heredoc.text();
    if (heredoc.expand()) {
      content = task.words().expandDocument(content, heredoc.operator(), stage.state());
    }
    return new Step.Item(
        Step.document(heredoc.name(), DOCUMENT_MODE, content),
        new FileAction.Copy(
            "/" + Step.fileName(heredoc.name()),
            common.dest,
            common.owner,
            common.mode.bits,
            false,
            false,
            false,
            true,
            false,
            false,
            stage.build().timestampNanos(),
            List.of(),
            common.exclude,
            false,
            common.mode.symbolic,
            List.of()));
  }
}
