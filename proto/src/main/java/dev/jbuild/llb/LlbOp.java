package dev.jbuild.llb;

import dev.jbuild.oci.Bytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one vertex does. Source: BuildKit's package {@code pb}, messages of the oneof {@code Op.op}.
 */
public sealed interface LlbOp {

  /**
   * Brings something in from outside.
   *
   * @param identifier {@code scheme://rest}
   * @param attrs keys as in the wire facts, sorted
   */
  record SourceOp(String identifier, Map<String, String> attrs) implements LlbOp {
    public SourceOp {
      attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
    }
  }

  /** Runs a process. */
  record ExecOp(
      ExecMeta meta,
      List<MountSpec> mounts,
      NetMode network,
      SecurityMode security,
      List<SecretEnv> secretEnv,
      List<CdiDevice> devices)
      implements LlbOp {
    public ExecOp {
      mounts = List.copyOf(mounts);
      secretEnv = List.copyOf(secretEnv);
      devices = List.copyOf(devices);
    }
  }

  /** Changes files without a process. */
  record FileOp(List<FileAction> actions) implements LlbOp {
    public FileOp {
      actions = List.copyOf(actions);
    }
  }

  /** Stacks inputs, later wins. Each entry is an input index, -1 for nothing. */
  record MergeOp(List<Long> inputs) implements LlbOp {
    public MergeOp {
      inputs = List.copyOf(inputs);
    }
  }

  /** The difference between two inputs; an index of -1 is scratch. */
  record DiffOp(long lower, long upper) implements LlbOp {}

  /** Solves a definition that an input holds. */
  record BuildOp(
      long builder, Map<String, Long> inputs, @Nullable Bytes definition, Map<String, String> attrs)
      implements LlbOp {
    public BuildOp {
      inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
      attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
    }
  }

  /** Output i is input {@code outputs[i]}: a barrier. */
  record PassthroughOp(String id, List<Long> outputs) implements LlbOp {
    public PassthroughOp {
      outputs = List.copyOf(outputs);
    }
  }

  /** The name shown when the client gave none. Source: wire facts, "Vertex name default". */
  default String describe() {
    return switch (this) {
      case SourceOp source -> source.identifier();
      case ExecOp exec -> String.join(" ", exec.meta().args());
      case FileOp file -> {
        var parts = new ArrayList<String>();
        for (FileAction action : file.actions()) {
          parts.add(action.describe());
        }
        yield String.join(", ", parts);
      }
      case MergeOp merge -> "merge " + merge.inputs().size() + " inputs";
      case DiffOp diff -> "diff";
      case BuildOp build -> "build";
      case PassthroughOp passthrough -> "passthrough " + passthrough.id();
    };
  }
}
