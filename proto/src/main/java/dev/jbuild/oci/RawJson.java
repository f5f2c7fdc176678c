package dev.jbuild.oci;

/**
 * A JSON value that jbuild keeps without reading it, such as a vendor's key of an image config.
 *
 * @param text one whole JSON value in compact form, numbers as they were written
 */
public record RawJson(String text) {}
