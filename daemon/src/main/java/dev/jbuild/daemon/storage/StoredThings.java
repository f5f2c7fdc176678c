package dev.jbuild.daemon.storage;

import dev.jbuild.cachemount.CacheMounts;
import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.image.ImageStore;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.StoredDigests;
import dev.jbuild.solver.cache.file.FileKeyStore;
import dev.jbuild.source.git.GitRepositories;
import dev.jbuild.source.local.LocalMirrors;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * What a collector looks at.
 *
 * @param root the state directory
 * @param records the store that has the sizes of layers
 */
public record StoredThings(
    Path root,
    MVStore records,
    UseLog uses,
    LayerStore layers,
    LayerDirectories directories,
    StoredDigests digests,
    ImageStore images,
    LayoutContentStore content,
    CacheMounts mounts,
    LocalMirrors contexts,
    GitRepositories repositories) {

  /** The collector of all of it. */
  public Collector collector(FileKeyStore keys, InstantSource clock) {
    MVMap<String, Long> sizes =
        records.openMap(
            "layer-sizes",
            new MVMap.Builder<String, Long>()
                .keyType(StringDataType.INSTANCE)
                .valueType(LongDataType.INSTANCE));
    return new Collector(
        root,
        List.of(
            new LayerHolding(layers, directories, digests, images, keys, uses, sizes),
            new BlobHolding(content, images, uses),
            new CacheMountHolding(mounts),
            new ContextHolding(contexts, uses),
            new GitHolding(repositories)),
        uses,
        clock);
  }
}
