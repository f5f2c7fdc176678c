package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.BuildScope;
import dev.jbuild.daemon.build.GraphLoader;
import dev.jbuild.daemon.build.ImageConfigs;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.image.ImageStore;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.oci.Platform;
import dev.jbuild.ops.JobOps;
import dev.jbuild.ops.JobScope;
import dev.jbuild.ops.StepTransfers;
import dev.jbuild.ops.Worker;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.Pause;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.solver.llb.Grants;
import dev.jbuild.solver.llb.LlbLoader;
import dev.jbuild.solver.progress.VertexProgress;
import dev.jbuild.source.FoundImage;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.image.ImageSource;
import dev.jbuild.source.layout.LayoutSource;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What each build has of its own, from its first graph to its end. Safe for use by several threads.
 */
final class JobScopes implements GraphLoader, ImageConfigs {
  private static final String LAYOUT = "oci-layout://";

  private final Worker worker;
  private final Set<Entitlement> daemonGrants;
  private final Http http;
  private final RegistryConfig registries;
  private final ImageStore images;
  private final ImageReader reader;
  private final LayerFetches fetches;
  private final ConcurrentHashMap<String, Scope> live = new ConcurrentHashMap<>();

  JobScopes(
      Worker worker,
      Set<Entitlement> daemonGrants,
      Http http,
      RegistryConfig registries,
      ImageStore images,
      ImageReader reader,
      LayerFetches fetches) {
    this.worker = worker;
    this.daemonGrants = Set.copyOf(daemonGrants);
    this.http = http;
    this.registries = registries;
    this.images = images;
    this.reader = reader;
    this.fetches = fetches;
  }

  private record Scope(JobScope job, ImageSource images, LayoutSource layouts, LlbLoader loader) {}

  @Override
  public Edge load(Definition definition, BuildScope scope) {
    return scope(scope)
        .loader()
        .load(definition)
        .orElseThrow(() -> new IllegalStateException("a scratch definition is not loaded"));
  }

  @Override
  public ResolvedImage resolve(
      String reference,
      Platform platform,
      ResolveMode mode,
      BuildScope scope,
      VertexProgress progress)
      throws InterruptedException {
    Scope job = scope(scope);
    var transfers = new StepTransfers(progress);
    if (reference.startsWith(LAYOUT)) {
      FoundImage found =
          job.layouts().resolve(reference.substring(LAYOUT.length()), platform, transfers);
      return new ResolvedImage(reference, found.manifestDigest(), found.configJson());
    }
    var found = job.images().resolve(reference, platform, mode(mode), transfers);
    return new ResolvedImage(found.reference(), found.digest(), found.config());
  }

  private static ImageSource.Mode mode(ResolveMode mode) {
    return switch (mode) {
      case DEFAULT -> ImageSource.Mode.DEFAULT;
      case PULL -> ImageSource.Mode.PULL;
      case LOCAL -> ImageSource.Mode.LOCAL;
    };
  }

  private Scope scope(BuildScope scope) {
    return live.computeIfAbsent(scope.ref(), ref -> open(scope));
  }

  private Scope open(BuildScope scope) {
    var policy = new EntitlementPolicy(new Grants(daemonGrants, scope.grants()));
    var client =
        new RegistryClient(
            http, registries, scope.session().credentials(), Clock.systemUTC(), Pause.REAL);
    var named = new ImageSource(client, images, reader, worker.layers(), fetches);
    var layouts = new LayoutSource(scope.session().layouts(), reader, worker.layers(), fetches);
    var job = new JobScope(scope.session(), policy, List.of(named, layouts));
    return new Scope(job, named, layouts, new LlbLoader(new JobOps(worker, job), policy));
  }

  @Override
  public void end(BuildScope scope) {
    Scope ended = live.remove(scope.ref());
    if (ended != null) {
      ended.images().close();
      ended.layouts().close();
      ended.job().close();
    }
  }
}
