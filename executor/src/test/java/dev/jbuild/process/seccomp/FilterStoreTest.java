package dev.jbuild.process.seccomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.process.spec.Capabilities;
import dev.jbuild.process.spec.DefaultSeccomp;
import dev.jbuild.process.spec.SeccompProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterStoreTest {
  private static final int X86_64 = 0xc000003e;
  private static final int I386 = 0x40000003;
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050026;

  @TempDir private Path directory;

  private byte[] program(List<String> capabilities) throws Exception {
    assumeTrue(
        System.getProperty("os.arch", "").equals("amd64"), "skipped: numbers are those of x86-64");
    var program = new FilterStore(directory).program(DefaultSeccomp.profile("amd64", capabilities));
    assumeTrue(program.isPresent(), "skipped: no libseccomp.so.2 (package libseccomp2)");
    return program.orElseThrow();
  }

  @Test
  void compiledFilterDecidesAsTheProfileSays() throws Exception {
    var filter = new FilterMachine(program(Capabilities.DEFAULT));
    assertEquals(ALLOW, filter.decide(X86_64, 0), "read");
    assertEquals(EPERM, filter.decide(X86_64, 165), "mount");
    assertEquals(EPERM, filter.decide(X86_64, 250), "keyctl");
    assertEquals(EPERM, filter.decide(X86_64, 425), "io_uring_setup");
    assertEquals(EPERM, filter.decide(X86_64, 272, 0x10000000), "unshare user");
    assertEquals(ENOSYS, filter.decide(X86_64, 435), "clone3");
    assertEquals(ALLOW, filter.decide(X86_64, 161), "chroot");
    assertEquals(ALLOW, filter.decide(I386, 3), "read of i386");
    assertEquals(EPERM, filter.decide(I386, 21), "mount of i386");
    assertEquals(ALLOW, filter.decide(X86_64, 0x40000000), "read of x32");
  }

  @Test
  void argumentsAreLookedAt() throws Exception {
    var filter = new FilterMachine(program(Capabilities.DEFAULT));
    assertEquals(ALLOW, filter.decide(X86_64, 56, 0x11), "clone for fork");
    assertEquals(EPERM, filter.decide(X86_64, 56, 0x10000011), "clone of a user namespace");
    assertEquals(EPERM, filter.decide(X86_64, 56, 0x00020011), "clone of a mount namespace");
    assertEquals(ALLOW, filter.decide(X86_64, 41, 2), "socket AF_INET");
    assertEquals(ALLOW, filter.decide(X86_64, 41, 16), "socket AF_NETLINK");
    assertEquals(EPERM, filter.decide(X86_64, 41, 38), "socket AF_ALG");
    assertEquals(EPERM, filter.decide(X86_64, 41, 40), "socket AF_VSOCK");
    assertEquals(ALLOW, filter.decide(X86_64, 135, 0xffffffffL), "personality query");
    assertEquals(EPERM, filter.decide(X86_64, 135, 0x0040000), "personality ADDR_NO_RANDOMIZE");
  }

  @Test
  void callsNewerThanTheProfileDoNotExist() throws Exception {
    var filter = new FilterMachine(program(Capabilities.DEFAULT));
    assertEquals(ENOSYS, filter.decide(X86_64, 600));
    assertEquals(ENOSYS, filter.decide(I386, 600));
  }

  @Test
  void capabilitiesChangeTheFilter() throws Exception {
    var filter = new FilterMachine(program(List.of("CAP_SYS_ADMIN")));
    assertEquals(ALLOW, filter.decide(X86_64, 165), "mount");
    assertEquals(EPERM, filter.decide(X86_64, 161), "chroot");
  }

  @Test
  void programIsCompiledOnce() throws Exception {
    byte[] first = program(Capabilities.DEFAULT);
    var file = onlyFile();
    var written = Files.getLastModifiedTime(file);
    assertArrayEquals(first, program(Capabilities.DEFAULT));
    assertEquals(written, Files.getLastModifiedTime(file));
  }

  @Test
  void damagedFileIsCompiledAgain() throws Exception {
    byte[] first = program(Capabilities.DEFAULT);
    var file = onlyFile();
    byte[] bytes = Files.readAllBytes(file);
    bytes[100] ^= 1;
    Files.write(file, bytes);
    assertArrayEquals(first, program(Capabilities.DEFAULT));
    Files.write(file, new byte[0]);
    assertArrayEquals(first, program(Capabilities.DEFAULT));
    assertNotEquals(0, Files.size(file));
  }

  private Path onlyFile() throws Exception {
    try (var files = Files.list(directory)) {
      var all = files.toList();
      assertEquals(1, all.size());
      assertTrue(all.getFirst().toString().endsWith(".bpf"));
      return all.getFirst();
    }
  }

  @Test
  void profileWithoutArchitectureIsNotCompiled() throws Exception {
    var profile = new SeccompProfile(1, List.of(), List.of());
    assertTrue(new FilterStore(directory).program(profile).isEmpty());
  }
}
