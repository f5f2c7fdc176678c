package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Mount;
import dev.jbuild.dockerfile.instruction.MountFlag;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.SecretEnv;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mounts of one RUN. */
final class RunMounts {
  private static final String SECRETS = "/run/secrets/";
  private static final String AGENT = "/run/buildkit/ssh_agent.";
  private static final String AGENT_VARIABLE = "SSH_AUTH_SOCK";
  private static final String SHARED_MEMORY = "/dev/shm";
  private static final String CACHE_ROOT = "/cache";

  private final StageEvaluation stage;
  private final Task task;
  private final Instruction.Run run;
  private final List<Step.Mounted> directories = new ArrayList<>();
  private final List<Step.Mounted> secrets = new ArrayList<>();
  private final List<Step.Mounted> agents = new ArrayList<>();
  private final List<SecretEnv> secretVariables = new ArrayList<>();

  RunMounts(StageEvaluation stage, Task task, Instruction.Run run) {
    this.stage = stage;
    this.task = task;
    this.run = run;
  }

  void addAll(List<Step.Mounted> more) {
    directories.addAll(more);
  }

  void evaluate() {
    for (MountFlag flag : run.mounts()) {
      Mount mount = flag.expand(task.words().file(), this::expand);
      switch (mount) {
        case Mount.Bind bind -> bind(flag, bind);
        case Mount.Cache cache -> cache(flag, cache);
        case Mount.Tmpfs tmpfs -> tmpfs(target(flag, tmpfs.target()), tmpfs.sizeBytes());
        case Mount.Secret secret -> secret(secret);
        case Mount.Ssh ssh -> ssh(ssh);
      }
    }
    long shm = stage.build().options().run().shmBytes();
    if (shm > 0) {
      tmpfs(SHARED_MEMORY, shm);
    }
  }

  private Word expand(Word word) {
    return new Word(task.words().expand(word, stage.state()), word.origin());
  }

  /** All mounts: directories from the top down, then secrets, then agents. */
  List<Step.Mounted> mounted() {
    directories.sort(Comparator.comparing(Step.Mounted::dest));
    var all = new ArrayList<>(directories);
    all.addAll(secrets);
    all.addAll(agents);
    return all;
  }

  List<SecretEnv> secretVariables() {
    return secretVariables;
  }

  /** The variables of the step; those of the stage, and where the agent is. */
  List<String> environment() {
    List<String> environment = stage.state().environment();
    if (agents.isEmpty() || stage.state().value(AGENT_VARIABLE) != null) {
      return environment;
    }
    var more = new ArrayList<>(environment);
    more.add(AGENT_VARIABLE + "=" + agents.getFirst().dest());
    return more;
  }

  private void bind(MountFlag flag, Mount.Bind bind) {
    Step.Source source = source(flag, bind.from());
    String path = SlashPath.resolve("/", bind.source());
    UsedPaths used = stage.build().used(source);
    if (used != null) {
      used.add(path);
    }
    directories.add(
        new Step.Mounted(
            source,
            selector(path),
            target(flag, bind.target()),
            bind.readOnly(),
            MountSpec.Type.BIND,
            null));
  }

  private void cache(MountFlag flag, Mount.Cache cache) {
    String path = SlashPath.resolve("/", cache.source());
    Step.Source source = cache.from() == null ? new Step.Nothing() : source(flag, cache.from());
    UsedPaths used = stage.build().used(source);
    if (used != null) {
      used.add(path);
    }
    if (path.equals("/") && cache.access().isGiven() && source instanceof Step.Nothing) {
      source =
          new Step.Made(cacheRoot(cache.access()), "[internal] setting cache mount permissions");
      path = CACHE_ROOT;
    }
    String id = cache.id().isEmpty() ? SlashPath.clean(cache.target()) : cache.id();
    stage.build().outline().cache(id, place());
    var sharing =
        switch (cache.sharing()) {
          case SHARED -> MountSpec.Sharing.SHARED;
          case PRIVATE -> MountSpec.Sharing.PRIVATE;
          case LOCKED -> MountSpec.Sharing.LOCKED;
        };
    String namespace = stage.build().options().run().cacheNamespace();
    directories.add(
        new Step.Mounted(
            source,
            selector(path),
            target(flag, cache.target()),
            cache.readOnly(),
            MountSpec.Type.CACHE,
            new MountSpec.Cache(namespace + "/" + id, sharing)));
  }

  private static FileAction.MakeDirectory cacheRoot(Mount.Access access) {
    Integer mode = access.mode();
    Long uid = access.uid();
    Long gid = access.gid();
    var owner =
        new FileAction.Owner(
            new FileAction.ById(uid == null ? 0 : uid), new FileAction.ById(gid == null ? 0 : gid));
    return new FileAction.MakeDirectory(CACHE_ROOT, mode == null ? 0755 : mode, false, owner, -1);
  }

  private void tmpfs(String target, long sizeBytes) {
    directories.add(
        new Step.Mounted(
            new Step.Nothing(),
            "",
            target,
            false,
            MountSpec.Type.TMPFS,
            new MountSpec.Tmpfs(sizeBytes)));
  }

  private void secret(Mount.Secret secret) {
    stage.build().outline().secret(secret.id(), secret.required(), place());
    String env = secret.env();
    if (env != null) {
      secretVariables.add(new SecretEnv(secret.id(), env, !secret.required()));
      if (secret.target() == null) {
        return;
      }
    }
    String base = secret.id().substring(secret.id().lastIndexOf('/') + 1);
    String target = secret.target() == null ? SECRETS + base : secret.target();
    Mount.Access access = secret.access();
    secrets.add(
        new Step.Mounted(
            new Step.Nothing(),
            "",
            SlashPath.resolve(stage.state().directory(), target),
            false,
            MountSpec.Type.SECRET,
            new MountSpec.Secret(
                secret.id(),
                orZero(access.uid()),
                orZero(access.gid()),
                mode(access, 0400),
                !secret.required())));
  }

  private void ssh(Mount.Ssh ssh) {
    stage.build().outline().agent(ssh.id(), ssh.required(), place());
    String target = ssh.target() == null ? AGENT + agents.size() : ssh.target();
    Mount.Access access = ssh.access();
    agents.add(
        new Step.Mounted(
            new Step.Nothing(),
            "",
            SlashPath.resolve(stage.state().directory(), target),
            false,
            MountSpec.Type.SSH,
            new MountSpec.Ssh(
                ssh.id(),
                orZero(access.uid()),
                orZero(access.gid()),
                mode(access, 0600),
                !ssh.required())));
  }

  private SourceRange place() {
    return task.location().ranges().getFirst();
  }

  private static long orZero(@Nullable Long id) {
    return id == null ? 0 : id;
  }

  private static int mode(Mount.Access access, int usual) {
    Integer mode = access.mode();
    return mode == null ? usual : mode;
  }

  private Step.Source source(MountFlag flag, @Nullable String from) {
    Word word = flag.from();
    return from == null || word == null
        ? new Step.MainContext()
        : stage.build().plan().source(stage.stage().index(), word, task.words());
  }

  private String target(MountFlag flag, String target) {
    String resolved = SlashPath.resolve(stage.state().directory(), target);
    if (resolved.equals("/")) {
      throw task.words()
          .file()
          .error(
              flag.range(), "a mount cannot have the target '" + target + "', which is the root");
    }
    return resolved;
  }

  private static String selector(String path) {
    return path.equals("/") ? "" : path;
  }
}
