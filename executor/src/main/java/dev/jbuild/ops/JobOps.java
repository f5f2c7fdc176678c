package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.llb.OpFactory;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceRequest;
import java.util.Collections;
import java.util.List;

/** The ops of one job. */
public final class JobOps implements OpFactory {
  private static final String LOCAL = "local";

  private final Worker worker;
  private final JobScope job;
  private final Trees trees;

  public JobOps(Worker worker, JobScope job) {
    this.worker = worker;
    this.job = job;
    this.trees = new Trees(worker);
  }

  @Override
  public Op create(EncodedOp encoded, Place place) {
    return create(encoded, place, Collections.nCopies(encoded.inputs().size(), "another step"));
  }

  @Override
  public Op create(EncodedOp encoded, Place place, List<String> names) {
    int inputs = encoded.inputs().size();
    return switch (encoded.op()) {
      case LlbOp.SourceOp source -> source(encoded, source, place);
      case LlbOp.ExecOp exec -> exec(encoded, exec, place);
      case LlbOp.FileOp file -> new FileStep(file, names, worker, trees);
      case LlbOp.MergeOp merge -> new StackStep(merge, inputs, worker, trees);
      case LlbOp.DiffOp diff -> new StackStep(diff, inputs, worker, trees);
      case LlbOp.PassthroughOp pass -> new StackStep(pass, inputs, worker, trees);
      case LlbOp.BuildOp build -> throw unimplemented(place, "building a definition from a file");
    };
  }

  private Op source(EncodedOp encoded, LlbOp.SourceOp op, Place place) {
    Platform platform = encoded.platform();
    var request =
        new SourceRequest(
            op.identifier(), op.attrs(), platform == null ? worker.platform() : platform);
    int end = op.identifier().indexOf("://");
    String scheme = end < 0 ? "" : op.identifier().substring(0, end);
    if (scheme.equals(LOCAL)) {
      return new ContextStep(request, job, worker.contexts());
    }
    Source source = job.sources().get(scheme);
    if (source == null) {
      throw unimplemented(place, "a source like '" + op.identifier() + "'");
    }
    return new ImageStep(source, request, worker.results());
  }

  private Op exec(EncodedOp encoded, LlbOp.ExecOp op, Place place) {
    String unsupported = ExecStep.unsupported(op);
    if (unsupported != null) {
      throw unimplemented(place, unsupported);
    }
    Platform platform = encoded.platform();
    if (platform != null && !worker.platform().runs(platform)) {
      String missing = worker.emulation().missing(platform);
      if (missing != null) {
        throw new BuildException(
            Code.UNAVAILABLE,
            place
                + ": this step runs programs for "
                + platform
                + " and the machine is "
                + worker.platform()
                + ": "
                + missing,
            null,
            place.origin());
      }
    }
    if (op.network() == NetMode.HOST && !job.network().egress().isEmpty()) {
      throw new BuildException(
          Code.INVALID,
          job.network().egress().refusedInHostNetwork(place.toString()),
          null,
          place.origin());
    }
    if (encoded.metadata().ignoreCache()) {
      forgetCaches(op);
    }
    return new ExecStep(encoded, op, worker, trees, job, place);
  }

  /** A build without cache begins with empty cache mounts, too; its steps share what they fill. */
  private void forgetCaches(LlbOp.ExecOp op) {
    for (MountSpec mount : op.mounts()) {
      String id = StepMounting.cacheId(mount);
      if (mount.type() == MountSpec.Type.CACHE && job.forgetsFirst(id)) {
        worker.caches().forget(id);
      }
    }
  }

  private static BuildException unimplemented(Place place, String what) {
    return new BuildException(
        Code.UNIMPLEMENTED,
        place + ": " + what + " is not offered by jbuild yet",
        null,
        place.origin());
  }
}
