package dev.jbuild.dockerfile.convert;

import dev.jbuild.llb.Attempts;
import dev.jbuild.llb.CdiDevice;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.SecretEnv;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An instruction that changes files, with everything expanded but the outputs it takes. */
sealed interface Step {

  About about();

  /**
   * What is said about the op.
   *
   * @param name {@code [stage 2/5] RUN make}
   * @param command the instruction as written
   * @param group what it is shown together with, or null
   */
  record About(
      String name,
      String command,
      SourceLocation location,
      boolean ignoreCache,
      OpMetadata.@Nullable ProgressGroup group) {

    /** The same in a group of its own, in which it is a part that comes before the others. */
    About weak(OpMetadata.ProgressGroup strong) {
      var mine = new OpMetadata.ProgressGroup(strong.id(), strong.name(), true);
      return new About(name, command, location, ignoreCache, mine);
    }
  }

  /** What a step takes files from. */
  sealed interface Source {}

  /** The build context. */
  record MainContext() implements Source {}

  /** Another stage, by index. */
  record OfStage(int index) implements Source {}

  /** An image or named context, by the name in the Dockerfile. */
  record External(String name) implements Source {}

  /** Nothing. */
  record Nothing() implements Source {}

  /** What is fetched from the net; each op once. */
  record Remote(LlbOp.SourceOp op, About about) implements Source {}

  /** Nothing with one file or directory made in it. */
  record Made(FileAction.Change change, String shownName) implements Source {}

  /** RUN. */
  record Run(
      About about,
      ExecMeta meta,
      List<Mounted> mounts,
      NetMode network,
      SecurityMode security,
      List<SecretEnv> secretEnv,
      List<CdiDevice> devices,
      OpMetadata.@Nullable LinuxResources resources,
      Attempts attempts,
      Platform platform)
      implements Step {
    public Run {
      mounts = List.copyOf(mounts);
      secretEnv = List.copyOf(secretEnv);
      devices = List.copyOf(devices);
    }
  }

  /** A mount besides the root; none of them has an output. */
  record Mounted(
      Source source,
      String selector,
      String dest,
      boolean readonly,
      MountSpec.Type type,
      MountSpec.@Nullable Options options) {}

  /**
   * COPY and ADD.
   *
   * @param link about the op that puts the copy, a layer of its own, on top; null where the copy
   *     goes onto what is there
   */
  record Transfer(About about, List<Item> items, @Nullable About link) implements Step {
    public Transfer {
      items = List.copyOf(items);
    }
  }

  /** One source of a copy. The owner of the change names input 0; the emitter sets it right. */
  record Item(Source source, FileAction.Copy copy) {}

  /** WORKDIR. */
  record Directory(About about, FileAction.MakeDirectory change) implements Step {}

  /** A heredoc as a file of its own, for {@link Made}. */
  static Made document(String name, int mode, String content) {
    return new Made(
        new FileAction.MakeFile("/" + fileName(name), mode, Bytes.utf8(content), null, -1),
        "[internal] preparing inline document");
  }

  /** The file that a heredoc of this name becomes: a delimiter may look like a path. */
  static String fileName(String heredoc) {
    String last = heredoc.substring(heredoc.lastIndexOf('/') + 1);
    return last.isEmpty() || last.equals(".") || last.equals("..") ? "document" : last;
  }
}
