package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the unmodified {@code docker buildx} reads on its standard input. */
@Tag("root")
class BuildxInputIT {
  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient buildx;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.at(work.resolve("host"));
    daemon = DaemonProcess.over(host);
    buildx = BuildxClient.at(work, daemon.address());
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  @Test
  void aDockerfileIsBuiltWithoutAContext() throws Exception {
    Path dockerfile = Files.writeString(work.resolve("in"), "FROM scratch\nWORKDIR /made\n");
    Path out = work.resolve("dockerfile-out");
    buildx.buildOf(dockerfile, "--output=type=local,dest=" + out).succeeded();
    assertEquals(true, Files.isDirectory(out.resolve("made")));
  }

  private static Path archive(String name, String content, String flag) throws Exception {
    Path context = host.context("FROM scratch\nCOPY page /copied\n");
    Files.writeString(context.resolve("page"), content);
    Path archive = work.resolve(name);
    Commands.exec("tar", "-C", context.toString(), flag, archive.toString(), ".");
    return archive;
  }

  @Test
  void aTarIsTheContext() throws Exception {
    Path out = work.resolve("tar-out");
    Path tar = archive("c.tar", "of a tar", "-cf");
    buildx.buildOf(tar, "--output=type=local,dest=" + out).succeeded();
    assertEquals("of a tar", Files.readString(out.resolve("copied")));
  }

  @Test
  void aCompressedTarIsTheContext() throws Exception {
    Path out = work.resolve("gz-out");
    Path tar = archive("c.tar.gz", "of a gzip", "-czf");
    buildx.buildOf(tar, "--output=type=local,dest=" + out).succeeded();
    assertEquals("of a gzip", Files.readString(out.resolve("copied")));
  }
}
