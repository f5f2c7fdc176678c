package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputSpecTest {
  private static void reads(String text, OutputSpec expected) {
    assertEquals(expected, OutputSpec.parse(text));
  }

  private static void wrong(String text, String message) {
    var e = assertThrows(UsageException.class, () -> OutputSpec.parse(text));
    assertEquals(message, e.getMessage());
  }

  @Test
  void shortFormsAreADirectoryAndAStream() {
    reads("out/dir", new OutputSpec("local", Map.of(), "out/dir"));
    reads("-", new OutputSpec("tar", Map.of(), "-"));
  }

  @Test
  void longFormsTakeAttributes() {
    reads(
        "type=oci,dest=x.tar,Compression=zstd,\"annotation.a=b,c\"",
        new OutputSpec("oci", Map.of("compression", "zstd", "annotation.a", "b,c"), "x.tar"));
    reads("type=docker", new OutputSpec("docker", Map.of(), "-"));
    reads("type=tar,dest=-", new OutputSpec("tar", Map.of(), "-"));
    reads("type=local,dest=d", new OutputSpec("local", Map.of(), "d"));
    reads("type=image,name=x", new OutputSpec("image", Map.of("name", "x"), null));
    reads(
        "type=registry,name=x", new OutputSpec("image", Map.of("name", "x", "push", "true"), null));
  }

  @Test
  void mistakesAreNamed() {
    wrong("", "--output: empty; give a directory, '-' or 'type=...,dest=...'");
    wrong("dest=x", "--output: 'type=' is missing in 'dest=x'");
    wrong("type=oci,x", "--output: want key=value, got 'x' in 'type=oci,x'");
    wrong("type=local", "--output: type=local needs a directory: type=local,dest=DIR");
    wrong("type=image,dest=x", "--output: type=image takes no 'dest'");
    wrong(
        "type=ocl,dest=x",
        "--output: unknown type 'ocl', did you mean 'oci'?; known are image, local, tar, oci,"
            + " docker, registry, cacheonly");
  }
}
