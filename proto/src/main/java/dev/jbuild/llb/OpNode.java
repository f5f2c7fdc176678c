package dev.jbuild.llb;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of the graph that a frontend builds: an op, the outputs it takes, and what is known about
 * it. Compared by identity; nodes with equal bytes become one vertex when the graph is encoded.
 */
public final class OpNode {
  private final LlbOp op;
  private final List<Output> inputs;
  private final @Nullable Platform platform;
  private final OpMetadata metadata;
  private final List<SourceLocation> locations;
  private final @Nullable Bytes received;

  public OpNode(
      LlbOp op,
      List<Output> inputs,
      @Nullable Platform platform,
      OpMetadata metadata,
      List<SourceLocation> locations) {
    this(op, inputs, platform, metadata, locations, null);
  }

  /**
   * A node that came from a client.
   *
   * @param received its bytes, which are encoded again as they are
   */
  public OpNode(
      LlbOp op,
      List<Output> inputs,
      @Nullable Platform platform,
      OpMetadata metadata,
      List<SourceLocation> locations,
      @Nullable Bytes received) {
    this.op = op;
    this.inputs = List.copyOf(inputs);
    this.platform = platform;
    this.metadata = metadata;
    this.locations = List.copyOf(locations);
    this.received = received;
  }

  public LlbOp op() {
    return op;
  }

  public List<Output> inputs() {
    return inputs;
  }

  public @Nullable Platform platform() {
    return platform;
  }

  public OpMetadata metadata() {
    return metadata;
  }

  public List<SourceLocation> locations() {
    return locations;
  }

  public @Nullable Bytes received() {
    return received;
  }

  /** Output {@code index} of this node. */
  public Output output(int index) {
    return new Output(this, index);
  }

  /** One result of a node. */
  public record Output(OpNode node, int index) {}
}
