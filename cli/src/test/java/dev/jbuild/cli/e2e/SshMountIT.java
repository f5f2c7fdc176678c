package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Steps use a real agent of the user; its keys stay in it. */
@Tag("root")
class SshMountIT {
  private static Lab lab;
  private static SshAgent agent;
  private static String fingerprint;

  @BeforeAll
  static void open() throws Exception {
    Path add = Commands.assumed("ssh-add");
    Commands.assumed("ssh-keygen");
    lab = Lab.open();
    agent = SshAgent.at(lab.directory().resolve("agent"));
    String key = lab.directory().resolve("key").toString();
    exec("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
    exec("ssh-add", "-q", key);
    fingerprint = word(exec("ssh-add", "-l"));
    makeImage(add);
  }

  private static String exec(String... command) throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SSH_AUTH_SOCK", agent.socket().toString());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  /** The second word, which is the fingerprint of the agent's only key. */
  private static String word(String line) {
    return line.split(" ", -1)[1];
  }

  /** Base with {@code ssh-add} and what it is linked with. */
  private static void makeImage(Path add) throws Exception {
    Path context = lab.context("image", "FROM base\nCOPY files/ /\n");
    var needed = new ArrayList<String>(List.of(add.toString()));
    for (String line : exec("ldd", add.toString()).lines().toList()) {
      for (String word : line.strip().split(" ", -1)) {
        if (word.startsWith("/")) {
          needed.add(word);
        }
      }
    }
    for (String file : needed) {
      Path target = context.resolve("files" + file);
      Files.createDirectories(context.resolve("files" + file.substring(0, file.lastIndexOf('/'))));
      Files.copy(Path.of(file), target);
    }
    lab.build(context, "-t", "withssh").succeeds();
  }

  @AfterAll
  static void close() throws Exception {
    if (agent != null) {
      agent.close();
    }
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  private static Lab.Run build(
      String name, String dockerfile, Map<String, String> env, String... flags) throws IOException {
    Path context = lab.context(name, dockerfile);
    var args = new ArrayList<>(List.of("--root", lab.root().toString(), "build"));
    args.add("--progress=plain");
    args.addAll(List.of(flags));
    args.add(context.toString());
    return lab.run("", env, args.toArray(String[]::new));
  }

  @Test
  void aStepReachesTheAgentOfTheEnvironment() throws IOException {
    Map<String, String> env = Map.of("SSH_AUTH_SOCK", agent.socket().toString());
    Lab.Run run =
        build(
            "default",
            "FROM withssh\nRUN --mount=type=ssh ssh-add -l; stat -c '%a %u' $SSH_AUTH_SOCK\n",
            env,
            "--ssh=default");
    assertTrue(run.succeeds().err().contains(fingerprint), run.err());
    assertTrue(run.err().contains(" 600 0"), run.err());
  }

  @Test
  void anAgentByIdAndTargetIsReachedByTheUserItIsFor() throws IOException {
    Lab.Run run =
        build(
            "byid",
            """
            FROM withssh
            USER 7
            RUN --mount=type=ssh,id=work,target=/tmp/s,uid=7 SSH_AUTH_SOCK=/tmp/s ssh-add -l
            """,
            Map.of(),
            "--ssh=work=agent");
    assertTrue(run.succeeds().err().contains(fingerprint), run.err());
  }

  @Test
  void aStepGoesWithoutAnAgentThatIsNotRequired() throws IOException {
    build("optional", "FROM base\nRUN --mount=type=ssh [ ! -e \"$SSH_AUTH_SOCK\" ]\n", Map.of())
        .succeeds();
  }

  @Test
  void aRequiredAgentThatIsNotGivenIsNamed() throws IOException {
    Lab.Run run = build("required", "FROM base\nRUN --mount=type=ssh,required true\n", Map.of());
    assertTrue(
        run.err()
            .contains(
                "ssh agent 'default' is needed by this step and was not given: build with --ssh"
                    + " default and an agent at SSH_AUTH_SOCK"),
        run.err());
  }

  @Test
  void theSocketIsInNoLayerAndGoneAfterwards() throws IOException {
    Lab.Run run =
        build(
            "gone",
            """
            FROM base
            RUN --mount=type=ssh,id=w test -S $SSH_AUTH_SOCK
            RUN [ ! -e /run/buildkit ] && echo says gone
            """,
            Map.of(),
            "--ssh=w=agent");
    assertTrue(run.succeeds().err().contains(" says gone"), run.err());
    assertEquals(List.of(), lab.host().stateFiles("run"));
  }
}
