package dev.jbuild.llb.wire;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The capabilities that a client may use in a definition. What is not listed makes a client give a
 * clean error of its own, so only what works belongs here. Source: wire-llb facts, "Caps".
 */
public final class Caps {

  /** Sorted. */
  public static final Set<String> KNOWN =
      Collections.unmodifiableSet(
          new TreeSet<>(
              List.of(
                  "source.image",
                  "source.image.resolvemode",
                  "source.image.layerlimit",
                  "source.image.checksum",
                  "source.imageblob",
                  "source.ocilayout",
                  "source.local",
                  "source.local.unique",
                  "source.local.sessionid",
                  "source.local.includepatterns",
                  "source.local.followpaths",
                  "source.local.excludepatterns",
                  "source.local.sharedkeyhint",
                  "source.local.differ",
                  "source.local.metadatatransfer",
                  "source.git",
                  "source.git.keepgitdir",
                  "source.git.fullurl",
                  "source.git.httpauth",
                  "source.git.knownsshhosts",
                  "source.git.mountsshsock",
                  "source.git.subdir",
                  "source.git.checksum",
                  "source.git.skipsubmodules",
                  "source.git.mtime",
                  "source.git.fetchbycommit",
                  "source.http",
                  "source.http.auth",
                  "source.http.checksum",
                  "source.http.perm",
                  "soruce.http.uidgid", // as it is spelled on the wire
                  "source.http.header",
                  "exec.meta.base",
                  "exec.meta.cgroup.parent",
                  "exec.meta.network",
                  "exec.meta.proxyenv",
                  "exec.meta.security",
                  "exec.meta.setsdefaultpath",
                  "exec.meta.ulimit",
                  "exec.meta.removemountstubs.recursive",
                  "exec.meta.linux.resources",
                  "exec.mount.bind",
                  "exec.mount.bind.readwrite-nooutput",
                  "exec.mount.cache",
                  "exec.mount.cache.sharing",
                  "exec.mount.cache.content",
                  "exec.mount.selector",
                  "exec.mount.tmpfs",
                  "exec.mount.tmpfs.size",
                  "exec.mount.secret",
                  "exec.mount.ssh",
                  "exec.cgroup",
                  "exec.secretenv",
                  "exec.validexitcode",
                  "file.base",
                  "file.rm.wildcard",
                  "file.rm.nofollowsymlink",
                  "file.copy.includeexcludepatterns",
                  "file.copy.requiredpaths",
                  "file.copy.alwaysreplaceexistingdestpaths",
                  "file.copy.modestring",
                  "file.symlink.create",
                  "constraints",
                  "platform",
                  "meta.ignorecache",
                  "meta.description",
                  "meta.exportcache",
                  "mergeop",
                  "diffop")));

  private Caps() {}
}
