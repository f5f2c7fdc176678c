package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.oci.Platform;
import java.time.Clock;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * The images that one build asked about, each looked up once, however often and by however many
 * threads it is asked for; only a look-up whose thread was interrupted is done again by the next.
 * Bounded by what one build's clients may ask. Safe for use by several threads.
 */
final class ImageLookups {
  /** So many images one build may ask about. */
  static final int IMAGES = 10_000;

  private final ImageConfigs images;
  private final BuildScope scope;
  private final ProgressLog log;
  private final Clock clock;
  private final ConcurrentHashMap<Lookup, CompletableFuture<ImageConfigs.Found>> known =
      new ConcurrentHashMap<>();

  ImageLookups(ImageConfigs images, BuildScope scope, ProgressLog log, Clock clock) {
    this.images = images;
    this.scope = scope;
    this.log = log;
    this.clock = clock;
  }

  private record Lookup(String reference, Platform platform, ResolveMode mode) {}

  /**
   * Finds an image, shown as a vertex of that name.
   *
   * @throws BuildException when there is no such image, or RESOURCE_EXHAUSTED after too many
   */
  ImageConfigs.Found find(String reference, Platform platform, ResolveMode mode, String logName)
      throws InterruptedException {
    var lookup = new Lookup(reference, platform, mode);
    while (true) {
      if (known.size() >= IMAGES && !known.containsKey(lookup)) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED, "one build can ask about " + IMAGES + " images");
      }
      var mine = new CompletableFuture<ImageConfigs.Found>();
      var first = known.putIfAbsent(lookup, mine);
      if (first == null) {
        lookUp(lookup, logName, mine);
        first = mine;
      }
      try {
        return first.get();
      } catch (CancellationException e) {
        // Who looked was interrupted, and nothing is known of the image yet: look again.
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  private void lookUp(Lookup lookup, String logName, CompletableFuture<ImageConfigs.Found> answer)
      throws InterruptedException {
    try {
      answer.complete(ask(lookup, logName));
    } catch (InterruptedException interrupted) {
      known.remove(lookup, answer);
      answer.cancel(false);
      throw interrupted;
    } catch (BuildException failure) {
      if (failure.code() == Code.CANCELLED) {
        known.remove(lookup, answer);
        answer.cancel(false);
        throw failure;
      }
      answer.completeExceptionally(failure);
    } catch (RuntimeException bug) {
      answer.completeExceptionally(bug);
    }
  }

  private ImageConfigs.Found ask(Lookup lookup, String logName) throws InterruptedException {
    String identity = "image metadata " + lookup.reference() + " " + lookup.platform();
    return new SyntheticVertex(identity, logName)
        .run(
            log,
            clock,
            progress ->
                images.resolve(
                    lookup.reference(), lookup.platform(), lookup.mode(), scope, progress));
  }
}
