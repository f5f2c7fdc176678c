package dev.jbuild.ops;

import dev.jbuild.agent.AgentSocket;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.SecretEnv;
import dev.jbuild.oci.Bytes;
import dev.jbuild.process.ProcessRequest.Hidden;
import dev.jbuild.process.ProcessRequest.SandboxFile;
import dev.jbuild.process.ProcessRequest.Secret;
import dev.jbuild.process.ProcessRequest.Socket;
import dev.jbuild.session.Session;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of the session's secrets and agents one execution gets to see. */
final class StepSecrets {
  private static final int LIMIT_BYTES = 500 * 1024;

  private final LlbOp.ExecOp op;
  private final Session session;

  StepSecrets(LlbOp.ExecOp op, Session session) {
    this.op = op;
    this.session = session;
  }

  /**
   * Asks the session for all of them.
   *
   * @throws BuildException NOT_FOUND when it lacks one that the step cannot do without
   */
  Hidden open() {
    var files = new ArrayList<SandboxFile>();
    for (MountSpec mount : op.mounts()) {
      switch (mount.options()) {
        case MountSpec.Secret secret -> addSecret(files, mount, secret);
        case MountSpec.Ssh ssh -> addAgent(files, mount, ssh);
        case MountSpec.Cache cache -> {}
        case MountSpec.Tmpfs tmpfs -> {}
        case null -> {}
      }
    }
    List<String> env = op.secretEnv().stream().map(this::variable).toList();
    return new Hidden(files, env);
  }

  private void addSecret(List<SandboxFile> files, MountSpec mount, MountSpec.Secret secret) {
    Optional<Bytes> bytes = find(secret.id(), secret.optional());
    if (bytes.isPresent()) {
      files.add(
          new SandboxFile(
              destination(mount),
              secret.mode(),
              (int) secret.uid(),
              (int) secret.gid(),
              new Secret(bytes.get())));
    }
  }

  private void addAgent(List<SandboxFile> files, MountSpec mount, MountSpec.Ssh ssh) {
    String id = ssh.id().isEmpty() ? "default" : ssh.id();
    if (session.agents().offers(id)) {
      files.add(
          new SandboxFile(
              destination(mount),
              ssh.mode(),
              (int) ssh.uid(),
              (int) ssh.gid(),
              new Socket(
                  new AgentSocket(
                      session.agents(), id, Thread.ofVirtual().name("agent").factory()))));
    } else if (!ssh.optional()) {
      throw new BuildException(
          Code.NOT_FOUND,
          "ssh agent '"
              + id
              + "' is needed by this step and was not given: build with --ssh "
              + id
              + (id.equals("default") ? " and an agent at SSH_AUTH_SOCK" : "=SOCKET"));
    }
  }

  private Optional<Bytes> find(String id, boolean optional) {
    Optional<Bytes> bytes = session.secrets().secret(id);
    if (bytes.isEmpty() && !optional) {
      throw new BuildException(
          Code.NOT_FOUND,
          "secret '"
              + id
              + "' is needed by this step and was not given: build with --secret id="
              + id
              + ",src=FILE or --secret id="
              + id
              + ",env=VARIABLE");
    }
    if (bytes.isPresent() && bytes.get().size() > LIMIT_BYTES) {
      throw new BuildException(
          Code.INVALID,
          "secret '" + id + "' has " + bytes.get().size() + " bytes, at most 500 KiB are offered");
    }
    return bytes;
  }

  /** The message of a failure here never has the value in it. */
  private String variable(SecretEnv secret) {
    Bytes bytes = find(secret.id(), secret.optional()).orElse(Bytes.empty());
    try {
      String value =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toArray())).toString();
      if (value.indexOf('\0') < 0) {
        return secret.name() + "=" + value;
      }
    } catch (CharacterCodingException binary) {
      // Told below.
    }
    throw new BuildException(
        Code.INVALID,
        "secret '"
            + secret.id()
            + "' is not text: as variable '"
            + secret.name()
            + "' it cannot be given; mount it as a file");
  }

  private String destination(MountSpec mount) {
    String cwd = op.meta().cwd().isEmpty() ? "/" : op.meta().cwd();
    return SlashPath.resolve(cwd, mount.dest());
  }
}
