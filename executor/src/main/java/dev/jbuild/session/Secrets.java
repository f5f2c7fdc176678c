package dev.jbuild.session;

import dev.jbuild.oci.Bytes;
import java.util.Optional;

/** Gives the build's secrets, at most 500 KiB each; never logged, cached or stored. */
public interface Secrets {
  Optional<Bytes> secret(String id);
}
