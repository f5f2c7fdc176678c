package dev.jbuild.llb.wire;

import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.MountSpec.Cache;
import dev.jbuild.llb.MountSpec.ContentCache;
import dev.jbuild.llb.MountSpec.Secret;
import dev.jbuild.llb.MountSpec.Sharing;
import dev.jbuild.llb.MountSpec.Ssh;
import dev.jbuild.llb.MountSpec.Tmpfs;
import org.jspecify.annotations.Nullable;

/**
 * Mounts of a process. Secret and ssh mounts have neither input nor output, yet clients send 0 for
 * both: they are read as -1 and written as 0.
 */
final class MountCodec {
  private MountCodec() {}

  static MountSpec decode(OpPlace place, pb.Mount wire, int mounts) {
    String what = "mount '" + wire.getDest() + "': ";
    MountSpec.Type type = type(place, what, wire);
    boolean isFile = type == MountSpec.Type.SECRET || type == MountSpec.Type.SSH;
    return new MountSpec(
        isFile ? -1 : place.inputOrNone(what + "input", wire.getInput()),
        wire.getSelector(),
        wire.getDest(),
        isFile ? -1 : place.within(what + "output", wire.getOutput(), -1, mounts),
        wire.getReadonly(),
        type,
        options(place, what, type, wire),
        wire.getResultID(),
        contentCache(place, what, wire));
  }

  private static MountSpec.Type type(OpPlace place, String what, pb.Mount wire) {
    return switch (wire.getMountType()) {
      case BIND -> MountSpec.Type.BIND;
      case SECRET -> MountSpec.Type.SECRET;
      case SSH -> MountSpec.Type.SSH;
      case CACHE -> MountSpec.Type.CACHE;
      case TMPFS -> MountSpec.Type.TMPFS;
      case UNRECOGNIZED -> throw place.invalid(what + "unknown type " + wire.getMountTypeValue());
    };
  }

  private static ContentCache contentCache(OpPlace place, String what, pb.Mount wire) {
    return switch (wire.getContentCache()) {
      case DEFAULT -> ContentCache.DEFAULT;
      case ON -> ContentCache.ON;
      case OFF -> ContentCache.OFF;
      case UNRECOGNIZED ->
          throw place.invalid(what + "unknown content cache mode " + wire.getContentCacheValue());
    };
  }

  private static MountSpec.@Nullable Options options(
      OpPlace place, String what, MountSpec.Type type, pb.Mount wire) {
    return switch (type) {
      case BIND -> null;
      case TMPFS -> {
        long size = wire.getTmpfsOpt().getSize();
        if (size < 0) {
          throw place.invalid(what + "size is negative: " + size);
        }
        yield new Tmpfs(size);
      }
      case CACHE -> {
        if (!wire.hasCacheOpt()) {
          throw place.invalid(what + "has no cache options");
        }
        pb.CacheOpt cache = wire.getCacheOpt();
        yield new Cache(cache.getID(), sharing(place, what, cache));
      }
      case SECRET -> {
        if (!wire.hasSecretOpt()) {
          throw place.invalid(what + "has no secret options");
        }
        pb.SecretOpt secret = wire.getSecretOpt();
        yield new Secret(
            secret.getID(),
            Integer.toUnsignedLong(secret.getUid()),
            Integer.toUnsignedLong(secret.getGid()),
            secret.getMode(),
            secret.getOptional());
      }
      case SSH -> {
        if (!wire.hasSSHOpt()) {
          throw place.invalid(what + "has no ssh options");
        }
        pb.SSHOpt ssh = wire.getSSHOpt();
        yield new Ssh(
            ssh.getID(),
            Integer.toUnsignedLong(ssh.getUid()),
            Integer.toUnsignedLong(ssh.getGid()),
            ssh.getMode(),
            ssh.getOptional());
      }
    };
  }

  private static Sharing sharing(OpPlace place, String what, pb.CacheOpt cache) {
    return switch (cache.getSharing()) {
      case SHARED -> Sharing.SHARED;
      case PRIVATE -> Sharing.PRIVATE;
      case LOCKED -> Sharing.LOCKED;
      case UNRECOGNIZED ->
          throw place.invalid(what + "unknown sharing mode " + cache.getSharingValue());
    };
  }

  static pb.Mount encode(MountSpec mount) {
    boolean isFile = mount.type() == MountSpec.Type.SECRET || mount.type() == MountSpec.Type.SSH;
    var wire =
        pb.Mount.newBuilder()
            .setInput(isFile ? 0 : mount.input())
            .setSelector(mount.selector())
            .setDest(mount.dest())
            .setOutput(isFile ? 0 : mount.output())
            .setReadonly(mount.readonly())
            .setMountType(
                switch (mount.type()) {
                  case BIND -> pb.MountType.BIND;
                  case SECRET -> pb.MountType.SECRET;
                  case SSH -> pb.MountType.SSH;
                  case CACHE -> pb.MountType.CACHE;
                  case TMPFS -> pb.MountType.TMPFS;
                })
            .setResultID(mount.resultId())
            .setContentCache(
                switch (mount.contentCache()) {
                  case DEFAULT -> pb.MountContentCache.DEFAULT;
                  case ON -> pb.MountContentCache.ON;
                  case OFF -> pb.MountContentCache.OFF;
                });
    encodeOptions(mount.options(), wire);
    return wire.build();
  }

  private static void encodeOptions(MountSpec.@Nullable Options options, pb.Mount.Builder wire) {
    switch (options) {
      case null -> {
        // a bind needs none
      }
      case Tmpfs tmpfs -> wire.setTmpfsOpt(pb.TmpfsOpt.newBuilder().setSize(tmpfs.sizeBytes()));
      case Cache cache ->
          wire.setCacheOpt(
              pb.CacheOpt.newBuilder()
                  .setID(cache.id())
                  .setSharing(
                      switch (cache.sharing()) {
                        case SHARED -> pb.CacheSharingOpt.SHARED;
                        case PRIVATE -> pb.CacheSharingOpt.PRIVATE;
                        case LOCKED -> pb.CacheSharingOpt.LOCKED;
                      }));
      case Secret secret ->
          wire.setSecretOpt(
              pb.SecretOpt.newBuilder()
                  .setID(secret.id())
                  .setUid((int) secret.uid())
                  .setGid((int) secret.gid())
                  .setMode(secret.mode())
                  .setOptional(secret.optional()));
      case Ssh ssh ->
          wire.setSSHOpt(
              pb.SSHOpt.newBuilder()
                  .setID(ssh.id())
                  .setUid((int) ssh.uid())
                  .setGid((int) ssh.gid())
                  .setMode(ssh.mode())
                  .setOptional(ssh.optional()));
    }
  }
}
