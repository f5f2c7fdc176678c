package dev.jbuild.daemon.gateway;

/** Where files are read. */
public sealed interface FileRoot {

  /** What a ref stands for. */
  record OfRef(String ref) implements FileRoot {}

  /**
   * One mount of a container, as its processes left it so far.
   *
   * @param mount its index among those that the container was asked for
   */
  record OfContainer(String container, int mount) implements FileRoot {}
}
