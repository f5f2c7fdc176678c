package dev.jbuild.content;

/**
 * Is told what of the state directory is used, before the user looks whether it is there: what is
 * collected must not go between the two. Safe for use by several threads; must not be called with a
 * lock held that is needed to remove the thing.
 */
public interface UseWatch {
  /** Nobody collects. */
  UseWatch NOBODY = key -> {};

  /**
   * Something is used from now on.
   *
   * @param key {@code blob:} with hex digits, {@code layer:} with a layer's id, a snapshot's id,
   *     {@code context:} with a mirror's directory, {@code git:} with a repository's
   */
  void used(String key);
}
