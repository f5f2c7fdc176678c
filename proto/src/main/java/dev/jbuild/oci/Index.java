package dev.jbuild.oci;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A list of manifests, mostly one a platform. Source: OCI image-spec, image-index.md.
 *
 * @param artifactType or empty
 * @param manifests in the order written
 * @param subject the manifest this one is about
 */
public record Index(
    MediaType mediaType,
    String artifactType,
    List<Descriptor> manifests,
    @Nullable Descriptor subject,
    Map<String, String> annotations)
    implements OciDocument {

  public Index {
    manifests = List.copyOf(manifests);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }

  public Index(MediaType mediaType, List<Descriptor> manifests) {
    this(mediaType, "", manifests, null, Map.of());
  }

  /**
   * The entries that run on a platform, best first. Attestations ({@code unknown/unknown}) never
   * do. Entries that name no platform come last: their image config decides.
   */
  public List<Descriptor> candidates(Platform wanted) {
    var found = new ArrayList<Descriptor>();
    for (Platform acceptable : wanted.acceptable()) {
      for (Descriptor entry : manifests) {
        Platform offered = entry.platform();
        if (offered != null && offered.normalized().sameMachine(acceptable)) {
          found.add(entry);
        }
      }
    }
    for (Descriptor entry : manifests) {
      if (entry.platform() == null) {
        found.add(entry);
      }
    }
    return Collections.unmodifiableList(found);
  }

  /** The platforms that the entries name, normalized, without {@code unknown/unknown}. */
  public List<Platform> platforms() {
    var named = new ArrayList<Platform>();
    for (Descriptor entry : manifests) {
      Platform offered = entry.platform();
      if (offered != null && !offered.isUnknown()) {
        named.add(offered.normalized());
      }
    }
    return Collections.unmodifiableList(named);
  }
}
