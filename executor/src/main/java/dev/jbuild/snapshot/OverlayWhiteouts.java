package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The marks of overlayfs itself: a character device 0:0, and the attribute {@code
 * trusted.overlay.opaque}. Source: the kernel's overlayfs.rst, "whiteouts and opaque directories".
 */
public final class OverlayWhiteouts implements Whiteouts {
  private static final String PREFIX = "trusted.overlay.";
  private static final String OPAQUE = PREFIX + "opaque";
  private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

  private final Kernel kernel;

  public OverlayWhiteouts(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void hide(Path path) throws IOException {
    kernel.makeNode(path, FileStat.CHARACTER, 0, 0);
  }

  @Override
  public boolean isHidden(Path path, FileStat stat) {
    return stat.isWhiteout();
  }

  @Override
  public void makeOpaque(Path directory) throws IOException {
    kernel.setAttribute(directory, OPAQUE, YES);
  }

  @Override
  public boolean isOpaque(Path directory) throws IOException {
    byte[] value = kernel.attributes(directory).get(OPAQUE);
    return value != null && value.length == 1 && value[0] == YES[0];
  }

  @Override
  public boolean isOwn(String attribute) {
    return attribute.startsWith(PREFIX);
  }
}
