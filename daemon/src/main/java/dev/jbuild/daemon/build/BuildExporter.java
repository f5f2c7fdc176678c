package dev.jbuild.daemon.build;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import dev.jbuild.session.Session;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.progress.VertexProgress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns a build's results into something outside: an image, an archive, files. */
public interface BuildExporter {

  /** Name on the wire: {@code image}, {@code oci}, ... */
  String type();

  /** Shown while it works: {@code exporting to oci image format}. */
  String vertexName();

  /**
   * Checks the attributes before the build starts.
   *
   * @throws dev.jbuild.error.BuildException INVALID naming the attribute
   */
  void check(Map<String, String> attrs);

  /** Exports, and gives response keys. Source: reference wire-control, "Response keys". */
  Map<String, String> export(Export export, VertexProgress progress) throws InterruptedException;

  /**
   * What is exported.
   *
   * @param index of the exporter in the request
   * @param results one a platform, at least one
   * @param multiPlatform whether an index is wanted even for one platform
   * @param metadata of the frontend, by wire name
   */
  record Export(
      int index,
      Map<String, String> attrs,
      List<PlatformImage> results,
      boolean multiPlatform,
      Map<String, Bytes> metadata,
      Session session) {
    public Export {
      attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
      results = List.copyOf(results);
      metadata = Map.copyOf(metadata);
    }
  }

  /**
   * One platform's result.
   *
   * @param root null for an empty file system
   * @param config JSON of the image config, null when the graph came without one
   * @param baseConfig JSON of the base image's config, null for scratch
   */
  record PlatformImage(
      Platform platform,
      @Nullable Result root,
      @Nullable Bytes config,
      @Nullable Bytes baseConfig) {}
}
