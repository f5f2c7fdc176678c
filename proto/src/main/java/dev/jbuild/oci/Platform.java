package dev.jbuild.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an image runs on. Source: OCI image-spec, image-index.md, "platform"; aliases and
 * preferences as containerd's platforms package has them.
 *
 * @param os such as {@code linux}
 * @param architecture Go names: {@code amd64}, {@code arm64}, ...
 * @param variant such as {@code v7}, or empty
 * @param osVersion or empty
 * @param osFeatures or empty
 */
public record Platform(
    String os, String architecture, String variant, String osVersion, List<String> osFeatures) {

  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final Set<String> SYSTEMS =
      Set.of("linux", "windows", "darwin", "macos", "freebsd", "wasi");
  private static final String UNKNOWN = "unknown";

  public Platform {
    osFeatures = List.copyOf(osFeatures);
  }

  public Platform(String os, String architecture, String variant) {
    this(os, architecture, variant, "", List.of());
  }

  /**
   * Reads {@code os/arch[/variant]}, or only the system or the architecture, and normalizes it.
   *
   * @param defaults gives the half that the text leaves out
   * @throws IllegalArgumentException when the text is not of that form
   */
  public static Platform parse(String text, Platform defaults) {
    String[] parts = text.split("/", -1);
    if (parts.length > 3) {
      throw malformed(text);
    }
    for (String part : parts) {
      if (!PART.matcher(part).matches()) {
        throw malformed(text);
      }
    }
    if (parts.length == 1) {
      return SYSTEMS.contains(parts[0].toLowerCase(Locale.ROOT))
          ? new Platform(parts[0], defaults.architecture, defaults.variant).normalized()
          : new Platform(defaults.os, parts[0], "").normalized();
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "").normalized();
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "platform: want 'os/architecture' or 'os/architecture/variant', got '" + text + "'");
  }

  /** The machine that this virtual machine runs on. */
  public static Platform host() {
    return new Platform(
            System.getProperty("os.name", "linux").startsWith("Mac") ? "darwin" : "linux",
            System.getProperty("os.arch", "amd64"),
            "")
        .normalized();
  }

  /** The same platform with the field's usual names, so that equal machines compare equal. */
  public Platform normalized() {
    String system = os.toLowerCase(Locale.ROOT);
    String name = architecture.toLowerCase(Locale.ROOT);
    String version = variant.toLowerCase(Locale.ROOT);
    if (system.equals("macos")) {
      system = "darwin";
    }
    switch (name) {
      case "i386", "i686" -> {
        name = "386";
        version = "";
      }
      case "amd64", "x86_64", "x86-64" -> {
        name = "amd64";
        version = version.equals("v1") ? "" : version;
      }
      case "arm64", "aarch64" -> {
        name = "arm64";
        version = version.equals("8") || version.equals("v8") ? "" : version;
      }
      case "armhf" -> {
        name = "arm";
        version = "v7";
      }
      case "armel" -> {
        name = "arm";
        version = "v6";
      }
      case "arm" -> {
        if (version.isEmpty()) {
          version = "v7";
        } else if (Character.isDigit(version.charAt(0))) {
          version = "v" + version;
        }
      }
      default -> {
        // other architectures have one name each
      }
    }
    return new Platform(system, name, version, osVersion, osFeatures);
  }

  /**
   * The platforms whose images this one runs, best first, itself foremost: lesser variants, then
   * the 32-bit architecture of the family. Normalized, without system version and features.
   */
  public List<Platform> acceptable() {
    Platform self = normalized();
    var all = new ArrayList<Platform>();
    all.add(new Platform(self.os, self.architecture, self.variant));
    int level = self.level();
    switch (self.architecture) {
      case "amd64" -> {
        for (int lower = level - 1; lower >= 1; lower--) {
          all.add(new Platform(self.os, "amd64", lower == 1 ? "" : "v" + lower));
        }
        all.add(new Platform(self.os, "386", ""));
      }
      case "arm" -> addArm(all, self.os, level - 1);
      case "arm64" -> {
        if (!self.variant.isEmpty()) {
          all.add(new Platform(self.os, "arm64", ""));
        }
        addArm(all, self.os, 8);
      }
      default -> {
        // no lesser machine of the family is known
      }
    }
    return List.copyOf(all);
  }

  private static void addArm(List<Platform> all, String os, int from) {
    for (int level = from; level >= 5; level--) {
      all.add(new Platform(os, "arm", "v" + level));
    }
  }

  /** The number of a variant such as {@code v3}, at most 9; 1 without one. */
  private int level() {
    return variant.matches("v[1-9]") ? variant.charAt(1) - '0' : 1;
  }

  /** Whether an image of the other platform runs here. */
  public boolean runs(Platform image) {
    Platform offered = image.normalized();
    for (Platform acceptable : acceptable()) {
      if (offered.sameMachine(acceptable)) {
        return true;
      }
    }
    return false;
  }

  /** Whether system, architecture and variant are equal as they stand. */
  public boolean sameMachine(Platform other) {
    return os.equals(other.os)
        && architecture.equals(other.architecture)
        && variant.equals(other.variant);
  }

  /** Whether this marks an index entry that is no image, such as an attestation. */
  public boolean isUnknown() {
    return os.equals(UNKNOWN) && architecture.equals(UNKNOWN);
  }

  /** {@code os/arch[/variant]}. */
  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
