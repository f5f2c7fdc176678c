package dev.jbuild.diff;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Makes small tars, hostile ones too. */
final class TarBuilder {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarWriter tar = new TarWriter(bytes);

  TarBuilder file(String name, String content) throws IOException {
    return entry(name, TarEntry.Type.REGULAR, 0644, content, "", Map.of());
  }

  TarBuilder directory(String name, int mode) throws IOException {
    return entry(name, TarEntry.Type.DIRECTORY, mode, "", "", Map.of());
  }

  TarBuilder symlink(String name, String target) throws IOException {
    return entry(name, TarEntry.Type.SYMLINK, 0777, "", target, Map.of());
  }

  TarBuilder hardLink(String name, String target) throws IOException {
    return entry(name, TarEntry.Type.HARD_LINK, 0644, "", target, Map.of());
  }

  TarBuilder entry(
      String name,
      TarEntry.Type type,
      int mode,
      String content,
      String link,
      Map<String, byte[]> attributes)
      throws IOException {
    byte[] data = content.getBytes(StandardCharsets.UTF_8);
    boolean device = type.isDevice();
    tar.begin(
        new TarEntry(
            name,
            type,
            mode,
            0,
            0,
            data.length,
            1_000_000_000L,
            link,
            device ? 1 : 0,
            device ? 3 : 0,
            attributes));
    if (data.length > 0) {
      tar.write(data, 0, data.length);
    }
    return this;
  }

  byte[] bytes() throws IOException {
    tar.finish();
    return bytes.toByteArray();
  }

  InputStream open() throws IOException {
    return new ByteArrayInputStream(bytes());
  }
}
