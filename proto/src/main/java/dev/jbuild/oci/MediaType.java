package dev.jbuild.oci;

import org.jspecify.annotations.Nullable;

/**
 * The media type of a blob: any text, with the ones that jbuild knows sorted into kinds and into
 * the columns OCI and Docker. Source: OCI image-spec, media-types.md; Docker image manifest version
 * 2, schema 2.
 */
public record MediaType(String value) {
  public static final MediaType OCI_INDEX =
      new MediaType("application/vnd.oci.image.index.v1+json");
  public static final MediaType OCI_MANIFEST =
      new MediaType("application/vnd.oci.image.manifest.v1+json");
  public static final MediaType OCI_CONFIG =
      new MediaType("application/vnd.oci.image.config.v1+json");
  public static final MediaType OCI_LAYER = new MediaType("application/vnd.oci.image.layer.v1.tar");
  public static final MediaType OCI_LAYER_GZIP = new MediaType(OCI_LAYER.value + "+gzip");
  public static final MediaType OCI_LAYER_ZSTD = new MediaType(OCI_LAYER.value + "+zstd");
  public static final MediaType OCI_EMPTY = new MediaType("application/vnd.oci.empty.v1+json");

  public static final MediaType DOCKER_INDEX =
      new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");
  public static final MediaType DOCKER_MANIFEST =
      new MediaType("application/vnd.docker.distribution.manifest.v2+json");
  public static final MediaType DOCKER_CONFIG =
      new MediaType("application/vnd.docker.container.image.v1+json");
  public static final MediaType DOCKER_LAYER =
      new MediaType("application/vnd.docker.image.rootfs.diff.tar");
  public static final MediaType DOCKER_LAYER_GZIP = new MediaType(DOCKER_LAYER.value + ".gzip");
  public static final MediaType DOCKER_LAYER_ZSTD = new MediaType(DOCKER_LAYER.value + ".zstd");

  public static final MediaType IN_TOTO = new MediaType("application/vnd.in-toto+json");
  public static final MediaType CACHE_CONFIG =
      new MediaType("application/vnd.buildkit.cacheconfig.v0");

  private static final String OCI_FOREIGN =
      "application/vnd.oci.image.layer.nondistributable.v1.tar";
  private static final String DOCKER_FOREIGN =
      "application/vnd.docker.image.rootfs.foreign.diff.tar";

  /** What a blob of this type is. */
  public enum Kind {
    INDEX,
    MANIFEST,
    CONFIG,
    LAYER,
    OTHER
  }

  /** The two families of names for the same things. */
  public enum Column {
    OCI,
    DOCKER
  }

  /** How a layer's tar is packed. */
  public enum Compression {
    NONE,
    GZIP,
    ZSTD
  }

  /** The name of a layer's type in a column; a registry must not be given Docker's zstd one. */
  public static MediaType layer(Column column, Compression compression) {
    return switch (column) {
      case OCI ->
          switch (compression) {
            case NONE -> OCI_LAYER;
            case GZIP -> OCI_LAYER_GZIP;
            case ZSTD -> OCI_LAYER_ZSTD;
          };
      case DOCKER ->
          switch (compression) {
            case NONE -> DOCKER_LAYER;
            case GZIP -> DOCKER_LAYER_GZIP;
            case ZSTD -> DOCKER_LAYER_ZSTD;
          };
    };
  }

  public Kind kind() {
    if (equals(OCI_INDEX) || equals(DOCKER_INDEX)) {
      return Kind.INDEX;
    }
    if (equals(OCI_MANIFEST) || equals(DOCKER_MANIFEST)) {
      return Kind.MANIFEST;
    }
    if (equals(OCI_CONFIG) || equals(DOCKER_CONFIG)) {
      return Kind.CONFIG;
    }
    return layerSuffix() == null ? Kind.OTHER : Kind.LAYER;
  }

  /**
   * How a layer of this type is packed by its name; blobs may lie, so readers look at the bytes.
   */
  public Compression compression() {
    String suffix = layerSuffix();
    if (suffix == null || suffix.isEmpty()) {
      return Compression.NONE;
    }
    return suffix.endsWith("zstd") ? Compression.ZSTD : Compression.GZIP;
  }

  /** Whether this is a layer that registries may not hold. */
  public boolean isForeign() {
    return value.startsWith(OCI_FOREIGN) || value.startsWith(DOCKER_FOREIGN);
  }

  /** Whether the name is one of Docker's. */
  public boolean isDocker() {
    return value.startsWith("application/vnd.docker.") && kind() != Kind.OTHER;
  }

  /**
   * The same thing named in a column. Foreign layers become plain ones; types of kind {@link
   * Kind#OTHER} stay as they are.
   */
  public MediaType in(Column column) {
    boolean oci = column == Column.OCI;
    return switch (kind()) {
      case INDEX -> oci ? OCI_INDEX : DOCKER_INDEX;
      case MANIFEST -> oci ? OCI_MANIFEST : DOCKER_MANIFEST;
      case CONFIG -> oci ? OCI_CONFIG : DOCKER_CONFIG;
      case LAYER -> layer(column, compression());
      case OTHER -> this;
    };
  }

  /** What follows the name of a plain tar layer: empty, {@code +gzip}, {@code .gzip}, ... */
  private @Nullable String layerSuffix() {
    for (String prefix : new String[] {OCI_LAYER.value, OCI_FOREIGN}) {
      if (value.startsWith(prefix)) {
        String suffix = value.substring(prefix.length());
        return suffix.isEmpty() || suffix.equals("+gzip") || suffix.equals("+zstd") ? suffix : null;
      }
    }
    for (String prefix : new String[] {DOCKER_LAYER.value, DOCKER_FOREIGN}) {
      if (value.startsWith(prefix)) {
        String suffix = value.substring(prefix.length());
        return suffix.isEmpty() || suffix.equals(".gzip") || suffix.equals(".zstd") ? suffix : null;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return value;
  }
}
