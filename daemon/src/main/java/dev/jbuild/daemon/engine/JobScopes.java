package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.BuildOps;
import dev.jbuild.daemon.build.BuildScope;
import dev.jbuild.daemon.build.ImageConfigs;
import dev.jbuild.daemon.build.SourceDescriptions;
import dev.jbuild.daemon.storage.CollectionSchedule;
import dev.jbuild.daemon.storage.UseLog;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.image.ImageStore;
import dev.jbuild.network.ledger.BuildLedger;
import dev.jbuild.network.ledger.json.LedgerJson;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.ops.JobContainers;
import dev.jbuild.ops.JobOps;
import dev.jbuild.ops.JobScope;
import dev.jbuild.ops.StepTransfers;
import dev.jbuild.ops.Worker;
import dev.jbuild.process.TreeMounter;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.Pause;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.registry.WebClient;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.Session;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.OpFactory;
import dev.jbuild.solver.progress.VertexProgress;
import dev.jbuild.source.DescribedSource;
import dev.jbuild.source.FoundImage;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.Source;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import dev.jbuild.source.blob.BlobFiles;
import dev.jbuild.source.blob.BlobSource;
import dev.jbuild.source.git.GitRepositories;
import dev.jbuild.source.git.GitSource;
import dev.jbuild.source.http.Downloads;
import dev.jbuild.source.http.HttpSource;
import dev.jbuild.source.image.ImageSource;
import dev.jbuild.source.image.RepositoryBlobPlaces;
import dev.jbuild.source.layout.LayoutBlobPlaces;
import dev.jbuild.source.layout.LayoutSource;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What each build has of its own, from its first graph to its end. Safe for use by several threads.
 */
final class JobScopes implements BuildOps, ImageConfigs, SourceDescriptions {
  private static final String LAYOUT = "oci-layout://";

  private final Worker worker;
  private final TreeMounter mounter;
  private final Http http;
  private final RegistryConfig registries;
  private final ImageStore images;
  private final ImageReader reader;
  private final LayerFetches fetches;
  private final Downloads downloads;
  private final BlobFiles blobs;
  private final GitRepositories repositories;
  private final UseLog uses;
  private final CollectionSchedule schedule;
  private final ConcurrentHashMap<String, Scope> live = new ConcurrentHashMap<>();

  JobScopes(
      Worker worker,
      TreeMounter mounter,
      Http http,
      RegistryConfig registries,
      ImageStore images,
      ImageReader reader,
      LayerFetches fetches,
      Downloads downloads,
      BlobFiles blobs,
      GitRepositories repositories,
      UseLog uses,
      CollectionSchedule schedule) {
    this.uses = uses;
    this.schedule = schedule;
    this.worker = worker;
    this.mounter = mounter;
    this.http = http;
    this.registries = registries;
    this.images = images;
    this.reader = reader;
    this.fetches = fetches;
    this.downloads = downloads;
    this.blobs = blobs;
    this.repositories = repositories;
  }

  private record Scope(
      JobScope job,
      ImageSource images,
      LayoutSource layouts,
      List<DescribedSource> described,
      UseLog.Lease lease) {}

  @Override
  public OpFactory of(BuildScope scope) {
    return new JobOps(worker, scope(scope).job());
  }

  @Override
  public ContainerPrograms containers(BuildScope scope) {
    return new JobContainers(worker, mounter, scope(scope).job());
  }

  @Override
  public @Nullable Result left(BuildScope scope, Digest op, int mount) throws InterruptedException {
    return scope(scope).job().left(op, mount);
  }

  @Override
  public Found resolve(
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
      return new Found(
          new ResolvedImage(reference, found.manifestDigest(), found.configJson()),
          found.rootDigest());
    }
    var found = job.images().resolve(reference, platform, mode(mode), transfers);
    return new Found(
        new ResolvedImage(found.reference(), found.digest(), found.config()), found.rootDigest());
  }

  @Override
  public SourceFacts describe(
      SourceRequest request, SourceQuestion question, BuildScope scope, VertexProgress progress)
      throws InterruptedException {
    for (DescribedSource source : scope(scope).described()) {
      if (request.identifier().startsWith(source.scheme() + "://")) {
        return source.describe(request, question, new StepTransfers(progress));
      }
    }
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "resolve source: what '"
            + request.identifier()
            + "' stands for cannot be asked: want docker-image, oci-layout, git, http or https");
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
    UseLog.Lease lease = uses.build();
    var client =
        new RegistryClient(
            http, registries, scope.session().credentials(), Clock.systemUTC(), Pause.REAL);
    var named = new ImageSource(client, images, reader, worker.layers(), fetches);
    Session session = scope.session();
    Function<String, LayoutAccess> access =
        id -> id.isEmpty() ? session.layouts() : session.other(id).layouts();
    var layouts = new LayoutSource(access, reader, worker.layers(), fetches);
    var web = new WebClient(http, Pause.REAL);
    var described = new ArrayList<DescribedSource>();
    for (String scheme : List.of("http", "https")) {
      described.add(
          new HttpSource(
              scheme, web, scope.session().secrets(), scope.session().uploads(), downloads));
    }
    described.add(new GitSource(repositories, scope.session()));
    described.add(new BlobSource(new RepositoryBlobPlaces(client), blobs));
    described.add(new BlobSource(new LayoutBlobPlaces(access), blobs));
    var sources = new ArrayList<Source>(described);
    sources.add(named);
    sources.add(layouts);
    var job = new JobScope(scope.session(), scope.policy(), scope.network(), sources);
    return new Scope(job, named, layouts, described, lease);
  }

  @Override
  public Bytes networkReport(String ref) {
    Scope job = live.get(ref);
    return LedgerJson.write((job == null ? new BuildLedger() : job.job().ledger()).page());
  }

  @Override
  public void end(BuildScope scope) {
    Scope ended = live.remove(scope.ref());
    if (ended != null) {
      ended.images().close();
      ended.layouts().close();
      ended.job().close();
      ended.lease().close();
      schedule.ended();
    }
  }
}
