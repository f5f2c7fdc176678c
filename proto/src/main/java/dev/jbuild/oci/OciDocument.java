package dev.jbuild.oci;

import java.util.Map;

/** What a reference may lead to: the manifest of one image, or an index of several. */
public sealed interface OciDocument permits Manifest, Index {

  MediaType mediaType();

  /** Empty when it is no artifact. */
  String artifactType();

  Map<String, String> annotations();
}
