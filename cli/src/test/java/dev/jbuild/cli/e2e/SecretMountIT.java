package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Secrets are seen by the step that asks for them, and by nothing else. */
@Tag("root")
class SecretMountIT {
  private static final String VALUE = "correct-horse-battery-staple";
  private static Lab lab;

  @BeforeAll
  static void open() throws IOException {
    lab = Lab.open();
    Files.writeString(lab.directory().resolve("token"), VALUE);
  }

  @AfterAll
  static void close() throws IOException {
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  private static Lab.Run build(String name, String dockerfile, String... flags) throws IOException {
    return lab.build(lab.context(name, dockerfile), flags);
  }

  private static void says(String expected, Lab.Run run) {
    List<String> said =
        run.succeeds()
            .err()
            .lines()
            .filter(line -> line.contains(" says ") && !line.contains("RUN"))
            .map(line -> line.substring(line.indexOf(" says ") + 6))
            .toList();
    assertEquals(List.of(expected), said);
  }

  @Test
  void aStepReadsItsSecret() throws IOException {
    says(
        "28 400 0",
        build(
            "reads",
            "FROM base\nRUN --mount=type=secret,id=token"
                + " echo says $(wc -c < /run/secrets/token) $(stat -c '%a %u' /run/secrets/token)\n",
            "--secret=id=token,src=token"));
  }

  @Test
  void targetModeAndOwnerAreAsGiven() throws IOException {
    says(
        "28 /etc/deep/t 640 3 4",
        build(
            "target",
            "FROM base\n"
                + "RUN --mount=type=secret,id=token,target=/etc/deep/t,mode=0640,uid=3,gid=4"
                + " echo says $(wc -c < /etc/deep/t) $(stat -c '%n %a %u %g' /etc/deep/t)\n",
            "--secret=id=token,src=token"));
  }

  @Test
  void aVariableHoldsTheSecretAndNoFileDoes() throws IOException {
    says(
        "28 none",
        build(
            "variable",
            "FROM base\nENV TOKEN=public\nRUN --mount=type=secret,id=token,env=TOKEN"
                + " [ -e /run/secrets/token ] || echo says ${#TOKEN} none\n",
            "--secret=id=token,src=token"));
  }

  @Test
  void aSecretOfTheEnvironmentIsGiven() throws IOException {
    Path context =
        lab.context(
            "environment",
            "FROM base\nRUN --mount=type=secret,id=T echo says $(wc -c < /run/secrets/T)\n");
    says(
        "28",
        lab.run(
            "",
            Map.of("T", VALUE),
            "--root",
            lab.root().toString(),
            "build",
            "--progress=plain",
            "--secret=id=T",
            context.toString()));
  }

  @Test
  void aChangedSecretRunsNothingAgain() throws IOException {
    String dockerfile = "FROM base\nRUN --mount=type=secret,id=k echo says ran changed\n";
    says("ran changed", build("changed", dockerfile, "--secret=id=k,src=token"));
    Files.writeString(lab.directory().resolve("other"), "other");
    assertTrue(
        build("changed", dockerfile, "--secret=id=k,src=other")
            .succeeds()
            .cached("[2/2] RUN --mount=type=secret,id=k echo says ran changed"));
  }

  @Test
  void aStepGoesWithoutASecretThatIsNotRequired() throws IOException {
    says(
        "none",
        build(
            "optional",
            "FROM base\nRUN --mount=type=secret,id=nothere"
                + " [ -e /run/secrets/nothere ] || echo says none\n"));
  }

  @Test
  void aRequiredSecretThatIsNotGivenIsNamed() throws IOException {
    Lab.Run run =
        build("required", "FROM base\nRUN --mount=type=secret,id=gone,required=true true\n");
    assertTrue(
        run.err()
            .contains(
                "secret 'gone' is needed by this step and was not given: build with --secret"
                    + " id=gone,src=FILE or --secret id=gone,env=VARIABLE"),
        run.err());
  }

  @Test
  void aSecretIsLeftNowhere() throws IOException {
    Lab.Run run =
        build(
            "nowhere",
            """
            FROM base
            RUN --mount=type=secret,id=token --mount=type=secret,id=token,env=TOKEN \\
                sha256sum /run/secrets/token
            RUN --mount=type=secret,id=token,env=TOKEN [ ${#TOKEN} = 27 ]
            """,
            "--secret=id=token,src=token",
            "--output=type=oci,dest=nowhere.tar");
    assertEquals(1, run.exit(), run.err());
    assertFalse(run.err().contains(VALUE), run.err());
    assertEquals(List.of(), holding(lab.root(), VALUE));
    assertFalse(Files.exists(lab.directory().resolve("nowhere.tar")));
  }

  @Test
  void anImageBuiltWithASecretDoesNotHoldIt() throws IOException {
    build(
            "image",
            "FROM base\nRUN --mount=type=secret,id=token,env=TOKEN wc -c /run/secrets/*; true\n",
            "--secret=id=token,src=token",
            "--output=type=oci,dest=image,tar=false")
        .succeeds();
    assertEquals(List.of(), holding(lab.directory().resolve("image"), VALUE));
    assertEquals(List.of(), holding(lab.root(), VALUE));
  }

  /** Files below a directory with the text in them. */
  private static List<String> holding(Path directory, String text) throws IOException {
    var found = new ArrayList<String>();
    try (var files = Files.walk(directory)) {
      for (Path path : files.filter(Files::isRegularFile).toList()) {
        if (Files.size(path) < 64 << 20
            && new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).contains(text)) {
          found.add(path.toString());
        }
      }
    }
    return found;
  }
}
