package dev.jbuild.process;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.ExecMeta.HostIp;
import dev.jbuild.llb.ExecMeta.ProxyEnv;
import dev.jbuild.llb.ExecMeta.Ulimit;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.mount.Mount;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.process.ProcessRequest.SandboxFile;
import dev.jbuild.process.ProcessRequest.SandboxMount;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Builds requests for tests: everything has a default, each call changes one thing. */
public final class StepRequests {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final List<String> args;
  private final List<String> env = new ArrayList<>();
  private final List<SandboxMount> mounts = new ArrayList<>();
  private final List<SandboxFile> files = new ArrayList<>();
  private final List<String> hiddenEnv = new ArrayList<>();
  private final List<HostIp> hosts = new ArrayList<>();
  private final List<Ulimit> ulimits = new ArrayList<>();
  private final Captured output = new Captured();
  private String id = "t" + NEXT.incrementAndGet();
  private String cwd = "";
  private String user = "";
  private String hostname = "";
  private ProxyEnv proxies = ProxyEnv.NONE;
  private boolean rootReadonly;
  private NetworkHandle network = new Network(NetMode.HOST, null, null, List.of());
  private SecurityMode security = SecurityMode.SANDBOX;
  private @Nullable LinuxResources resources;

  private StepRequests(List<String> args) {
    this.args = args;
  }

  public static StepRequests command(String... args) {
    return new StepRequests(List.of(args));
  }

  public static StepRequests shell(String script) {
    return command("/bin/sh", "-c", script);
  }

  public StepRequests id(String value) {
    id = value;
    return this;
  }

  public StepRequests env(String... variables) {
    env.addAll(List.of(variables));
    return this;
  }

  public StepRequests cwd(String value) {
    cwd = value;
    return this;
  }

  public StepRequests user(String value) {
    user = value;
    return this;
  }

  public StepRequests hostname(String value) {
    hostname = value;
    return this;
  }

  public StepRequests proxies(ProxyEnv value) {
    proxies = value;
    return this;
  }

  public StepRequests host(String name, String ip) {
    hosts.add(new HostIp(name, ip));
    return this;
  }

  public StepRequests ulimit(String name, long soft, long hard) {
    ulimits.add(new Ulimit(name, soft, hard));
    return this;
  }

  public StepRequests mount(Mount mount, String selector, String dest) {
    mounts.add(new SandboxMount(mount, selector, dest));
    return this;
  }

  public StepRequests file(SandboxFile file) {
    files.add(file);
    return this;
  }

  public StepRequests hiddenEnv(String... variables) {
    hiddenEnv.addAll(List.of(variables));
    return this;
  }

  public StepRequests network(NetworkHandle value) {
    network = value;
    return this;
  }

  public StepRequests insecure() {
    security = SecurityMode.INSECURE;
    return this;
  }

  public StepRequests readonlyRoot() {
    rootReadonly = true;
    return this;
  }

  public StepRequests resources(LinuxResources value) {
    resources = value;
    return this;
  }

  public Captured output() {
    return output;
  }

  public ProcessRequest on(Mount root) {
    return on(root, output);
  }

  /** What runs, without the sandbox. */
  public ExecMeta meta() {
    return new ExecMeta(
        args, env, cwd, user, proxies, hosts, hostname, ulimits, "", true, List.of());
  }

  /** With an output of the test's own. */
  public ProcessRequest on(Mount root, ProcessRequest.Output own) {
    return new ProcessRequest(
        id,
        List.of(root),
        rootReadonly,
        mounts,
        new Hidden(files, hiddenEnv),
        meta(),
        network,
        security,
        resources,
        own);
  }

  /** A network that somebody else made. */
  public record Network(
      NetMode mode,
      @Nullable String namespacePath,
      @Nullable String resolvConf,
      List<String> addresses)
      implements NetworkHandle {
    @Override
    public void close() {}
  }

  /** Keeps what a step writes. */
  public static final class Captured implements ProcessRequest.Output {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Override
    public void stdout(byte[] bytes, int offset, int length) {
      out.write(bytes, offset, length);
    }

    @Override
    public void stderr(byte[] bytes, int offset, int length) {
      err.write(bytes, offset, length);
    }

    public byte[] bytes() {
      return out.toByteArray();
    }

    public String out() {
      return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
      return err.toString(StandardCharsets.UTF_8);
    }
  }
}
