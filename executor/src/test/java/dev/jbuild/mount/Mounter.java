package dev.jbuild.mount;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes and ends mounts in the mount namespace of this process. Safe for several threads. */
public final class Mounter {
  private static final long BIND = 0x1000;
  private static final long REMOUNT = 0x20;
  private static final int DETACH = 2;

  private final Kernel kernel;

  public Mounter(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Mounts one over the other at the target, in order. When one fails, those before it are
   * unmounted again.
   */
  public void mount(List<Mount> mounts, Path target) throws IOException {
    int done = 0;
    try {
      for (Mount mount : mounts) {
        mountOne(mount, target);
        done++;
      }
    } catch (IOException e) {
      for (; done > 0; done--) {
        try {
          unmount(target);
        } catch (IOException cleanup) {
          e.addSuppressed(cleanup);
        }
      }
      throw e;
    }
  }

  /** Unmounts the top-most mount; one that is busy is detached and ends when its users do. */
  public void unmount(Path target) throws IOException {
    try {
      kernel.unmount(target, 0);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EBUSY) {
        throw e;
      }
      kernel.unmount(target, DETACH);
    }
  }

  private void mountOne(Mount mount, Path target) throws IOException {
    if (mount.type().equals("overlay")) {
      mountOverlay(mount, target);
      return;
    }
    var options = MountOptions.parse(mount.options());
    if ((options.flags() & BIND) == 0) {
      kernel.mount(mount.source(), target, mount.type(), options.flags(), options.data());
    } else {
      bind(mount, options, target);
    }
    if (options.propagation() != 0) {
      kernel.mount("none", target, "", options.propagation(), "");
    }
  }

  private void bind(Mount mount, MountOptions options, Path target) throws IOException {
    long bindFlags = options.flags() & MountOptions.BIND_FLAGS;
    long restrictions = options.flags() & ~MountOptions.BIND_FLAGS;
    kernel.mount(mount.source(), target, "", bindFlags, "");
    if (restrictions == 0) {
      return;
    }
    try { // a bind takes its restrictions by a second call only
      kernel.mount("none", target, "", REMOUNT | BIND | restrictions, "");
    } catch (IOException e) {
      kernel.unmount(target, DETACH);
      throw e;
    }
  }

  private void mountOverlay(Mount mount, Path target) throws IOException {
    var lowers = new ArrayList<Path>();
    var others = new ArrayList<String>();
    @Nullable Path upper = null;
    @Nullable Path work = null;
    for (String option : mount.options()) {
      if (option.startsWith("lowerdir=")) {
        lowers.add(Path.of(option.substring("lowerdir=".length())));
      } else if (option.startsWith("upperdir=")) {
        upper = Path.of(option.substring("upperdir=".length()));
      } else if (option.startsWith("workdir=")) {
        work = Path.of(option.substring("workdir=".length()));
      } else {
        others.add(option);
      }
    }
    kernel.mountOverlay(lowers, upper, work, others, target);
  }
}
