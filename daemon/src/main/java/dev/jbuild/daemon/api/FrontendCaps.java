package dev.jbuild.daemon.api;

import dev.jbuild.llb.wire.Caps;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import moby.buildkit.v1.apicaps.APICap;

/**
 * What frontends may ask for, and clients may put into graphs and requests: what works and nothing
 * else, for clients do without what is not listed. Source: reference wire-gateway, section 5, and
 * wire-llb, "Caps".
 */
final class FrontendCaps {
  private static final List<String> BRIDGE =
      List.of(
          "solve.base",
          "solve.inlinereturn",
          "resolveimage",
          "resolveimage.resolvemode",
          "readfile",
          "readdir",
          "statfile",
          "return",
          "returnmap",
          // Old clients count the others as absent without it; imports are shown as skipped.
          "importcaches",
          "proto.refarray",
          "reference.output",
          "frontend.inputs",
          "frontend.caps",
          "gateway.solve.metadata",
          "gateway.solve.evaluate",
          "gateway.evaluate",
          "gateway.warnings",
          "gateway.exec",
          "gateway.exec.extrahosts",
          "gateway.exec.secretenv",
          "gateway.exec.signals",
          "gateway.exec.filesystem",
          "source.metaresolver",
          "source.metaresolver.http.checksumrequest");

  private static final List<String> EXPORTERS =
      List.of(
          "exporter.image.annotations",
          "exporter.sourcedateepoch",
          "exporter.multiple",
          "source.policy");

  /** Of Prune: clients look for it among those of graphs. */
  private static final String PRUNE_BY_SPACE = "gc.freespacefilter";

  private FrontendCaps() {}

  /** Of the calls that frontends make. */
  static List<APICap> bridge() {
    return caps(BRIDGE);
  }

  /** Of graphs, exporters, policies and the cache. */
  static List<APICap> graphs() {
    var all = new ArrayList<>(Caps.KNOWN);
    all.addAll(EXPORTERS);
    all.add(PRUNE_BY_SPACE);
    return caps(all);
  }

  private static List<APICap> caps(Collection<String> ids) {
    return ids.stream().map(id -> APICap.newBuilder().setID(id).setEnabled(true).build()).toList();
  }
}
