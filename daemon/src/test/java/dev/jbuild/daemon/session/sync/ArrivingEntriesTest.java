package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import fsutil.types.Stat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a stream may not name, and how it is told. */
class ArrivingEntriesTest {
  private static final int FILE = 0644;
  private static final int DIRECTORY = 1 << 31 | 0755;
  private static final int LINK = 1 << 27 | 0777;

  private final ArrivingEntries entries = new ArrivingEntries("c", 1 << 20);

  private static Stat.Builder stat(String path, int mode) {
    return Stat.newBuilder().setPath(path).setMode(mode);
  }

  private String refusal(Stat.Builder stat) {
    var refused = assertThrows(BuildException.class, () -> entries.read(stat.build()));
    assertEquals(Code.DATA_LOSS, refused.code());
    String begin = "c: the stream is wrong: ";
    assertTrue(refused.message().startsWith(begin), refused.message());
    return refused.message().substring(begin.length());
  }

  @Test
  void namesAreOrderedByBytesInEachDirectory() {
    for (String directory : new String[] {"a", "a/b"}) {
      assertEquals(directory, entries.read(stat(directory, DIRECTORY).build()).path());
    }
    for (String file :
        new String[] {"a/b/c", "a/b.c", "a/bc", "a-b", "a.b", "aa", "\uFFFD", "😀"}) {
      assertEquals(file, entries.read(stat(file, FILE).build()).path());
    }
    assertEquals("'a' came out of order, after '😀'", refusal(stat("a", FILE)));
  }

  @Test
  void pathsStayInside() {
    for (String path : new String[] {"..", "../a", "/a", "a//b", "a/", "./a", ".", "a/../b"}) {
      assertEquals(
          "'" + path + "' leads out of the directory or is not clean", refusal(stat(path, FILE)));
    }
    assertEquals("'' is no path", refusal(stat("", FILE)));
    assertEquals("'a?b' is no path", refusal(stat("a\0b", FILE)));
    assertEquals(
        "'" + "x".repeat(100) + "...' has a name of more than 255 characters",
        refusal(stat("x".repeat(256), FILE)));
    assertEquals(
        "'" + "x/".repeat(50) + "...' is no path", refusal(stat("x/".repeat(3000) + "x", FILE)));
  }

  @Test
  void eachComesOnceAndAfterItsDirectory() {
    assertEquals("'d/f' came without its directory", refusal(stat("d/f", FILE)));
    assertEquals("f", entries.read(stat("f", FILE).build()).path());
    assertEquals("'f' came out of order, after 'f'", refusal(stat("f", FILE)));
    assertEquals("'f/g' came without its directory", refusal(stat("f/g", FILE)));
    assertEquals("l", entries.read(stat("l", LINK).setLinkname("/etc").build()).path());
    assertEquals("'l/passwd' came without its directory", refusal(stat("l/passwd", FILE)));
  }

  @Test
  void directoryThatWasLeftIsNotEnteredAgain() {
    assertEquals("a", entries.read(stat("a", DIRECTORY).build()).path());
    assertEquals("b", entries.read(stat("b", DIRECTORY).build()).path());
    assertEquals("'a/x' came without its directory", refusal(stat("a/x", FILE)));
  }

  @Test
  void kindsSizesLinksAndDevicesAreThoseOfFiles() {
    assertEquals("'f' has a size of -1 bytes", refusal(stat("f", FILE).setSize(-1)));
    String kind = "' is of a kind that can not be sent";
    assertEquals("'g" + kind, refusal(stat("g", 1 << 19)));
    assertEquals("'h" + kind, refusal(stat("h", 1 << 31 | 1 << 27)));
    assertEquals("'i" + kind, refusal(stat("i", 1 << 21)));
    assertEquals("'j' is a symbolic link to nothing", refusal(stat("j", LINK)));
    assertEquals(
        "'k' links to something that is no path", refusal(stat("k", LINK).setLinkname("a\0")));
    assertEquals(
        "'l' has the device numbers 1:1048576",
        refusal(stat("l", 1 << 26).setDevmajor(1).setDevminor(1 << 20)));
  }

  @Test
  void onlyAttributesOfUsersAndCapabilitiesAreTaken() {
    var stat = stat("f", FILE);
    for (String name :
        new String[] {
          "user.a",
          "user.",
          "user.overlay.redirect",
          "user.fuseoverlayfs.opaque",
          "user.jbuild.whiteout",
          "trusted.overlay.redirect",
          "trusted.a",
          "security.selinux",
          "security.capability",
          "system.posix_acl_access"
        }) {
      stat.putXattrs(name, ByteString.copyFromUtf8(name));
    }
    assertEquals(
        Map.of("user.a", Bytes.utf8("user.a"), "security.capability", capability()),
        entries.read(stat.build()).attributes());
    assertEquals(
        "'g' has more than 64 KiB of extended attributes",
        refusal(stat("g", FILE).putXattrs("user.a", ByteString.copyFrom(new byte[1 << 16]))));
  }

  private static Bytes capability() {
    return Bytes.utf8("security.capability");
  }

  @Test
  void memoryOfAllEntriesHasABound() {
    var refused =
        assertThrows(
            BuildException.class,
            () -> {
              for (int i = 0; i < 100_000; i++) {
                String path = String.format("%07d", i);
                assertEquals(path, entries.read(stat(path, FILE).build()).path());
              }
            });
    assertEquals(
        "c: the stream names more files than fit into 1 MiB; leave some out with .dockerignore, or"
            + " give the daemon more memory (-Xmx)",
        refused.message());
  }
}
