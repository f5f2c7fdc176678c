package dev.jbuild.llb.wire;

import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Digest;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Collects the places of ops and writes each file once. Not for use by several threads. */
final class SourceTable {
  private final pb.Source.Builder wire = pb.Source.newBuilder();
  // most places share one object, which saves comparing whole files
  private final IdentityHashMap<SourceInfo, Integer> byIdentity = new IdentityHashMap<>();
  private final Map<SourceInfo, Integer> byValue = new HashMap<>();

  void add(Digest op, List<SourceLocation> places) {
    if (places.isEmpty()) {
      return;
    }
    var locations = pb.Locations.newBuilder();
    for (SourceLocation place : places) {
      var location = pb.Location.newBuilder().setSourceIndex(index(place.info()));
      for (SourceRange range : place.ranges()) {
        location.addRanges(SourceCodec.encode(range));
      }
      locations.addLocations(location);
    }
    wire.putLocations(op.toString(), locations.build());
  }

  private int index(SourceInfo info) {
    return byIdentity.computeIfAbsent(info, this::indexByValue);
  }

  private int indexByValue(SourceInfo info) {
    return byValue.computeIfAbsent(
        info,
        added -> {
          wire.addInfos(SourceCodec.encode(added));
          return wire.getInfosCount() - 1;
        });
  }

  pb.Source done() {
    return wire.build();
  }
}
