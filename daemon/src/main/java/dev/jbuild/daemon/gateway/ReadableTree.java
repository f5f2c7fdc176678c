package dev.jbuild.daemon.gateway;

import dev.jbuild.daemon.build.FileEntry;
import dev.jbuild.daemon.build.ResultSnapshots;
import dev.jbuild.oci.Bytes;
import dev.jbuild.ops.SandboxFiles;
import dev.jbuild.ops.SandboxFiles.Seen;
import dev.jbuild.solver.Result;
import java.util.List;

/** Files that frontends read; failures are those of {@link ResultSnapshots}. */
sealed interface ReadableTree {
  Bytes read(String path, long offset, int maxBytes) throws InterruptedException;

  List<FileEntry> list(String path) throws InterruptedException;

  FileEntry stat(String path) throws InterruptedException;

  /** What is asked of files. */
  interface Question<T> {
    T of(ReadableTree tree) throws InterruptedException;
  }

  /** Of what was solved. */
  record OfResult(ResultSnapshots files, Result root) implements ReadableTree {
    @Override
    public Bytes read(String path, long offset, int maxBytes) throws InterruptedException {
      return files.readPart(root, path, offset, maxBytes);
    }

    @Override
    public List<FileEntry> list(String path) throws InterruptedException {
      return files.list(root, path);
    }

    @Override
    public FileEntry stat(String path) throws InterruptedException {
      return files.stat(root, path);
    }
  }

  /** Of a mount of a container. */
  record OfMount(SandboxFiles files) implements ReadableTree {
    @Override
    public Bytes read(String path, long offset, int maxBytes) throws InterruptedException {
      return files.read(path, offset, maxBytes);
    }

    @Override
    public List<FileEntry> list(String path) throws InterruptedException {
      return files.list(path).stream().map(OfMount::entry).toList();
    }

    @Override
    public FileEntry stat(String path) throws InterruptedException {
      return entry(files.stat(path));
    }

    private static FileEntry entry(Seen seen) {
      return FileEntry.of(seen.name(), seen.stat(), seen.linkTarget(), seen.attributes());
    }
  }
}
