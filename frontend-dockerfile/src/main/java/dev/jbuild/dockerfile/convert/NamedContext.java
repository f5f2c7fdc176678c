package dev.jbuild.dockerfile.convert;

/**
 * A context that the client gave under a name.
 *
 * @param key name, with {@code ::platform} where it was given so
 * @param value such as {@code docker-image://alpine}
 */
record NamedContext(String key, String value) {}
