package dev.jbuild.daemon.gateway;

import dev.jbuild.llb.Definition;

/**
 * A graph's result under the name that one conversation knows it by.
 *
 * @param id empty for scratch
 */
public record NamedRef(String id, Definition definition) {
  /** An empty file system. */
  public static final NamedRef SCRATCH = new NamedRef("", Definition.SCRATCH);
}
