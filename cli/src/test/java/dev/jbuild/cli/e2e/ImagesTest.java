package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Where images come from and go to, with other programs at the far end. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImagesTest {
  /** An image with a configuration of every kind. */
  private static final String PAGE =
      """
      FROM base
      LABEL maker="jbuild test"
      ENV GREETING=hello
      WORKDIR /www
      RUN echo "$GREETING" >page
      EXPOSE 8000/tcp
      USER 7:8
      ENTRYPOINT ["cat"]
      CMD ["/www/page"]
      """;

  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  @BeforeEach
  void assumeSkopeo() {
    Commands.assumed("skopeo");
  }

  private Path archive(String name, String type) throws Exception {
    Path archive = host.work().resolve(name + ".tar");
    host.build(PAGE, "-t", name, "-o", "type=" + type + ",dest=" + archive).succeeded();
    return archive;
  }

  private static void assertConfig(String source) throws Exception {
    String config = Commands.exec("skopeo", "inspect", "--config", source);
    String flat = config.replaceAll("\\s+", "");
    for (String part :
        new String[] {
          "\"User\":\"7:8\"",
          "\"ExposedPorts\":{\"8000/tcp\":{}}",
          "\"GREETING=hello\"",
          "\"Entrypoint\":[\"cat\"]",
          "\"Cmd\":[\"/www/page\"]",
          "\"WorkingDir\":\"/www\"",
          "\"maker\":\"jbuildtest\""
        }) {
      assertTrue(flat.contains(part), () -> part + " in " + config);
    }
  }

  @Test
  void ociArchiveIsReadBySkopeo() throws Exception {
    assertConfig("oci-archive:" + archive("oci-out", "oci"));
  }

  @Test
  void dockerArchiveIsReadBySkopeoWithItsName() throws Exception {
    Path archive = archive("docker-out", "docker");
    assertConfig("docker-archive:" + archive);
    String tags = Commands.exec("skopeo", "list-tags", "docker-archive:" + archive);
    assertTrue(tags.contains("\"docker-out:latest\""), tags);
  }

  @Test
  void tarOutputHoldsTheRootFileSystem() throws Exception {
    Path tar = host.work().resolve("root.tar");
    host.build(PAGE, "-o", "type=tar,dest=" + tar).succeeded();
    assertEquals("hello\n", Commands.exec("tar", "-xOf", tar.toString(), "www/page"));
  }

  @Test
  @DisplayName("-t stores the image also beside an output of another type")
  void tagStoresTheImageBesideEveryOutput() throws Exception {
    for (String type : new String[] {"oci", "docker", "tar"}) {
      String name = "beside-" + type;
      archive(name, type);
      String images = host.jbuild("images").succeeded().out();
      assertTrue(images.lines().anyMatch(line -> line.startsWith(name + " ")), images);
    }
    host.build(PAGE, "-t", "beside-local", "-o", host.work().resolve("beside").toString())
        .succeeded();
    String images = host.jbuild("images").succeeded().out();
    assertTrue(images.lines().anyMatch(line -> line.startsWith("beside-local ")), images);
  }

  @Test
  void fromTakesAnImageOfTheOwnStore() throws Exception {
    host.build(PAGE, "-t", "own/page:1").succeeded();
    Path result = host.exported("FROM own/page:1\nUSER 0\nRUN cat page >/copy\n");
    assertEquals("hello\n", Files.readString(result.resolve("copy")));
  }

  @Test
  void fromTakesAnImageOfARegistry(@TempDir Path directory) throws Exception {
    Path archive = archive("for-registry", "oci");
    try (var registry = LoopbackRegistry.start(directory)) {
      String name = registry.name() + "/team/page:2";
      Commands.exec(
          "skopeo",
          "copy",
          "--dest-tls-verify=false",
          "oci-archive:" + archive,
          "docker://" + name);
      Path result = emptyStore(directory).exported("FROM " + name + "\n");
      assertEquals("hello\n", Files.readString(result.resolve("www/page")));
      assertEquals(
          Files.size(Path.of("/usr/bin/busybox")), Files.size(result.resolve("bin/busybox")));
    }
  }

  @Test
  void fromTakesAnImageOfALayout(@TempDir Path directory) throws Exception {
    Path layout = directory.resolve("layout");
    Commands.exec(
        "skopeo", "copy", "oci-archive:" + archive("for-layout", "oci"), "oci:" + layout + ":v1");
    Path result =
        emptyStore(directory)
            .exported(
                """
                FROM page AS copied
                FROM scratch
                COPY --from=copied /www/page /
                """,
                "--build-context=page=oci-layout://" + layout + ":v1");
    assertEquals("hello\n", Files.readString(result.resolve("page")));
  }

  /** Another host, whose store knows no image. */
  private static BuildHost emptyStore(Path directory) throws Exception {
    return BuildHost.at(directory.resolve("other"));
  }

  @Test
  @DisplayName("S8 the exported root file system runs under crun, isolated again")
  void exportedRootFileSystemRuns() throws Exception {
    Commands.assumed("unshare");
    Path bundle = Files.createDirectories(host.work().resolve("bundle"));
    host.build(
            """
            FROM base
            WORKDIR /dev
            WORKDIR /proc
            WORKDIR /
            RUN ls /sys/class/net >/built-with
            """,
            "--network=host",
            "-o",
            "type=local,dest=" + bundle.resolve("rootfs"))
        .succeeded();
    Files.writeString(
        bundle.resolve("config.json"),
        """
        {
          "ociVersion": "1.0.2",
          "process": {
            "user": {"uid": 0, "gid": 0},
            "args": ["sh", "-c", "cat /built-with; echo; ip -o link"],
            "env": ["PATH=/bin"],
            "cwd": "/"
          },
          "root": {"path": "rootfs", "readonly": true},
          "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
          "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"},
            {"type": "uts"}, {"type": "network"}]}
        }
        """);
    // crun refuses a machine that shows cgroup v1 and v2 side by side: it is shown v1 only.
    String said =
        Commands.exec(
            "unshare",
            "-m",
            "--propagation",
            "slave",
            "sh",
            "-c",
            "if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi;"
                + " exec crun --cgroup-manager=disabled run -b \"$1\" \"jbuild-test-$$\"",
            "sh",
            bundle.toString());
    String[] parts = said.split("\n\n", 2);
    assertTrue(parts[0].lines().anyMatch("lo"::equals), said);
    assertEquals(1, parts[1].lines().count(), said);
    assertTrue(parts[1].contains(" lo: "), said);
  }
}
