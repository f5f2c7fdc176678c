package dev.jbuild.source;

import dev.jbuild.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Identifies a stack of layers. Source: OCI image-spec, config.md, "Layer ChainID". */
public final class ChainId {
  /** Stands for no layer at all, which the specification leaves open. */
  private static final Digest EMPTY = Digest.of(new byte[0]);

  private ChainId() {}

  /** The chain id; of no layer, a digest that stands for that. */
  public static Digest of(List<Digest> diffIds) {
    if (diffIds.isEmpty()) {
      return EMPTY;
    }
    Digest chain = diffIds.getFirst();
    for (Digest next : diffIds.subList(1, diffIds.size())) {
      chain = Digest.of((chain + " " + next).getBytes(StandardCharsets.US_ASCII));
    }
    return chain;
  }
}
