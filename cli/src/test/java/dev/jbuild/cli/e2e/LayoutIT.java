package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OCI layout directories of clients of a daemon: read as named contexts, written as outputs. */
@Tag("root")
class LayoutIT {
  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient buildx;

  @BeforeAll
  static void open() throws Exception {
    Commands.assumed("skopeo");
    host = BuildHost.withBase(work.resolve("host"));
    daemon = DaemonProcess.over(host);
    buildx = BuildxClient.at(work, daemon.address());
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  private static Outcome jbuild(Path context, String... flags) {
    var args = new ArrayList<String>();
    args.add("--addr=" + daemon.address());
    args.add("build");
    args.add("--progress=plain");
    args.addAll(List.of(flags));
    args.add(context.toString());
    return host.jbuild(args.toArray(String[]::new));
  }

  /** A layout with one image, which the daemon has never seen. */
  private static Path layout(String name, String page) throws Exception {
    Path tar = work.resolve(name + ".tar");
    Path context = BuildHost.at(work.resolve("other")).context("FROM scratch\nCOPY page /\n");
    Files.writeString(context.resolve("page"), page);
    BuildHost.at(work.resolve("other")).build(context, "-o", "type=oci,dest=" + tar).succeeded();
    Path layout = work.resolve(name);
    Commands.exec("skopeo", "copy", "oci-archive:" + tar, "oci:" + layout + ":v1");
    return layout;
  }

  private static String digest(Path layout) throws Exception {
    String index = Files.readString(layout.resolve("index.json"));
    int at = index.indexOf("sha256:");
    return index.substring(at, at + 71);
  }

  private static Path context() throws Exception {
    return host.context("FROM page AS named\nFROM scratch\nCOPY --from=named /page /copied\n");
  }

  @Test
  void buildxGivesALayoutByTag() throws Exception {
    Path layout = layout("by-tag", "by tag");
    Path out = work.resolve("by-tag-out");
    buildx
        .build(
            context(),
            "--build-context=page=oci-layout://" + layout + ":v1",
            "--output=type=local,dest=" + out)
        .succeeded();
    assertEquals("by tag", Files.readString(out.resolve("copied")));
  }

  @Test
  void buildxGivesALayoutByDigest() throws Exception {
    Path layout = layout("by-digest", "by digest");
    Path out = work.resolve("by-digest-out");
    buildx
        .build(
            context(),
            "--build-context=page=oci-layout://" + layout + "@" + digest(layout),
            "--output=type=local,dest=" + out)
        .succeeded();
    assertEquals("by digest", Files.readString(out.resolve("copied")));
  }

  @Test
  void jbuildGivesALayout() throws Exception {
    Path layout = layout("by-jbuild", "by jbuild");
    Path out = work.resolve("by-jbuild-out");
    jbuild(
            context(),
            "--build-context=page=oci-layout://" + layout + ":v1",
            "--output=type=local,dest=" + out)
        .succeeded();
    assertEquals("by jbuild", Files.readString(out.resolve("copied")));
  }

  /** Makes the largest blob of a layout another one of the same length. */
  private static String spoiled(Path layout) throws Exception {
    try (var blobs = Files.list(layout.resolve("blobs/sha256"))) {
      Path layer =
          blobs
              .filter(blob -> first(blob) == 0x1f)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("the layout has no layer"));
      byte[] bytes = Files.readAllBytes(layer);
      bytes[bytes.length - 1] ^= 1;
      Files.write(layer, bytes, StandardOpenOption.TRUNCATE_EXISTING);
      return layer.getFileName().toString();
    }
  }

  private static int first(Path file) {
    try (var in = Files.newInputStream(file)) {
      return in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aBlobThatIsNotWhatItsDigestSaysIsRefused() throws Exception {
    Path layout = layout("spoiled", "spoiled");
    String layer = spoiled(layout);
    Outcome outcome =
        jbuild(
            context(),
            "--build-context=page=oci-layout://" + layout + ":v1",
            "--output=type=local,dest=" + work.resolve("spoiled-out"));
    assertNotEquals(0, outcome.code());
    assertTrue(outcome.err().contains("blob sha256:" + layer + ": the 1"), outcome.err());
    assertTrue(outcome.err().contains(" bytes received have the digest"), outcome.err());
  }

  @Test
  void aMissingBlobIsNamed() throws Exception {
    Path layout = layout("holed", "holed");
    String digest = digest(layout);
    Files.delete(layout.resolve("blobs/sha256/" + digest.substring(7)));
    Outcome outcome =
        buildx.build(context(), "--build-context=page=oci-layout://" + layout + "@" + digest);
    outcome.endedWith(1);
    assertTrue(
        outcome.err().contains("blob " + digest + " is missing: is the directory complete?"),
        outcome.err());
  }

  private static Path greeting() throws Exception {
    return host.context("FROM base\nRUN echo hello >/greeting\n");
  }

  /** The image runs through skopeo, which checks every blob. */
  private static void assertHolds(Path layout, String tag) throws Exception {
    Path copy = work.resolve("copy-" + layout.getFileName() + tag);
    Commands.exec("skopeo", "copy", "oci:" + layout + ":" + tag, "dir:" + copy);
    try (var entries = Files.list(layout.resolve("blobs/sha256"))) {
      assertFalse(entries.anyMatch(e -> e.getFileName().toString().startsWith(".")));
    }
  }

  @Test
  void buildxTakesALayout() throws Exception {
    Path out = work.resolve("layout-buildx");
    String flag = "--output=type=oci,tar=false,dest=" + out;
    buildx.build(greeting(), "-t", "example/app:one", flag).succeeded();
    assertHolds(out, "one");
    buildx.build(greeting(), "-t", "example/app:two", flag).succeeded(); // blobs are there
    assertHolds(out, "two");
    assertHolds(out, "one");
  }

  @Test
  void jbuildTakesALayoutOfTypeDocker() throws Exception {
    Path out = work.resolve("layout-docker");
    jbuild(greeting(), "-t", "example/app:one", "--output=type=docker,tar=false,dest=" + out)
        .succeeded();
    assertHolds(out, "one");
  }

  @Test
  void jbuildTakesALayout() throws Exception {
    Path out = work.resolve("layout-jbuild");
    String flag = "--output=type=oci,tar=false,dest=" + out;
    jbuild(greeting(), "-t", "example/app:one", flag).succeeded();
    assertHolds(out, "one");
    jbuild(greeting(), "-t", "example/app:two", flag).succeeded();
    assertHolds(out, "two");
    assertHolds(out, "one");
  }

  @Test
  void jbuildTakesTwoLayouts() throws Exception {
    Path one = work.resolve("layout-first");
    Path two = work.resolve("layout-second");
    jbuild(
            greeting(),
            "-t",
            "example/app:one",
            "--output=type=oci,tar=false,dest=" + one,
            "--output=type=oci,tar=false,dest=" + two)
        .succeeded();
    assertHolds(one, "one");
    assertHolds(two, "one");
  }
}
