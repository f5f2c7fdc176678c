package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Marks for file systems that refuse those of overlayfs, above all overlayfs itself when the state
 * directory lies inside a container: an empty file of mode 0 with the attribute {@code
 * user.jbuild.whiteout}, and {@code user.jbuild.opaque}. No overlay can be mounted over such
 * layers.
 */
public final class AttributeWhiteouts implements Whiteouts {
  private static final String PREFIX = "user.jbuild.";
  private static final String WHITEOUT = PREFIX + "whiteout";
  private static final String OPAQUE = PREFIX + "opaque";
  private static final byte[] YES = "y".getBytes(StandardCharsets.US_ASCII);

  private final Kernel kernel;

  public AttributeWhiteouts(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void hide(Path path) throws IOException {
    Files.createFile(path);
    kernel.setAttribute(path, WHITEOUT, YES);
    kernel.changeMode(path, 0);
  }

  @Override
  public boolean isHidden(Path path, FileStat stat) throws IOException {
    return stat.isRegular()
        && stat.sizeBytes() == 0
        && stat.permissions() == 0
        && kernel.attributes(path).containsKey(WHITEOUT);
  }

  @Override
  public void makeOpaque(Path directory) throws IOException {
    kernel.setAttribute(directory, OPAQUE, YES);
  }

  @Override
  public boolean isOpaque(Path directory) throws IOException {
    return kernel.attributes(directory).containsKey(OPAQUE);
  }

  @Override
  public boolean isOwn(String attribute) {
    return attribute.startsWith(PREFIX);
  }
}
