package dev.jbuild.solver;

/**
 * What an op made: immutable, found again by its id after a restart. It may be lazy: an id can be
 * known without a layer being pulled.
 */
public interface Result {

  /** The name under which {@link ResultStore#load} finds it again. */
  String id();
}
