package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.api.Test;

class FileNamesTest {
  @Test
  void namesNeverLeadOut() {
    assertEquals("download", FileNames.of(URI.create("http://h/"), ""));
    assertEquals("b", FileNames.of(URI.create("http://h/a/%2e%2e%2fb"), ""));
    assertEquals("a", FileNames.of(URI.create("http://h/a"), "attachment; filename=\"..\""));
    assertEquals("f", FileNames.of(URI.create("http://h/a"), "attachment;filename=/etc/f"));
  }
}
