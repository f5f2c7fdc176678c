package dev.jbuild.llb;

import dev.jbuild.oci.Bytes;

/** A source file that ops come from. */
public record SourceInfo(String filename, Bytes data, String language) {}
