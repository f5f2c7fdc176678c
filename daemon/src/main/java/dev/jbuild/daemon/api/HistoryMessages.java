package dev.jbuild.daemon.api;

import dev.jbuild.daemon.history.BuildRecord;
import dev.jbuild.daemon.history.HistoryEvent;
import dev.jbuild.daemon.history.RecordedBlobs;
import dev.jbuild.daemon.history.Section;
import java.util.List;
import moby.buildkit.v1.BuildHistoryEvent;
import moby.buildkit.v1.BuildHistoryEventType;
import moby.buildkit.v1.BuildHistoryRecord;
import moby.buildkit.v1.BuildResultInfo;
import moby.buildkit.v1.Descriptor;
import moby.buildkit.v1.Exporter;

/**
 * Writes records as the history's messages. What they point to can be read: clients take the whole
 * record for broken otherwise. Source: reference wire-control, section 7.
 */
record HistoryMessages(RecordedBlobs blobs) {
  private static final List<String> IMAGE_EXPORTERS = List.of("image", "oci", "docker", "moby");

  BuildHistoryEvent of(HistoryEvent event) {
    return switch (event) {
      case HistoryEvent.Started started ->
          message(BuildHistoryEventType.STARTED, of(started.record()));
      case HistoryEvent.Complete complete ->
          message(BuildHistoryEventType.COMPLETE, of(complete.record()));
      case HistoryEvent.Deleted deleted ->
          message(
              BuildHistoryEventType.DELETED, BuildHistoryRecord.newBuilder().setRef(deleted.ref()));
    };
  }

  private static BuildHistoryEvent message(
      BuildHistoryEventType type, BuildHistoryRecord.Builder record) {
    return BuildHistoryEvent.newBuilder().setType(type).setRecord(record).build();
  }

  private BuildHistoryRecord.Builder of(BuildRecord record) {
    var message =
        BuildHistoryRecord.newBuilder()
            .setRef(record.ref())
            .setFrontend(record.request().frontend())
            .putAllFrontendAttrs(record.request().attrs())
            .setCreatedAt(StatusMessages.timestamp(record.created()))
            .putAllExporterResponse(record.response())
            .setGeneration(record.generation())
            .setPinned(record.pinned())
            .setNumTotalSteps(record.counts().total())
            .setNumCompletedSteps(record.counts().completed())
            .setNumCachedSteps(record.counts().cached())
            .setNumWarnings(record.counts().warnings());
    for (BuildRecord.Exporter exporter : record.request().exporters()) {
      message.addExporters(
          Exporter.newBuilder().setType(exporter.type()).putAllAttrs(exporter.attrs()));
    }
    if (record.completed() != null) {
      message.setCompletedAt(StatusMessages.timestamp(record.completed()));
    }
    BuildRecord.Failure failure = record.failure();
    if (failure != null) {
      message.setError(
          com.google.rpc.Status.newBuilder().setCode(failure.code()).setMessage(failure.message()));
    }
    record.section(Section.Kind.LOGS).ifPresent(section -> message.setLogs(blob(section)));
    record
        .section(Section.Kind.ERROR)
        .ifPresent(section -> message.setExternalError(blob(section)));
    blobs
        .image(record)
        .map(HistoryMessages::image)
        .ifPresent(
            image ->
                message.setResult(
                    BuildResultInfo.newBuilder()
                        .setResultDeprecated(image)
                        .putResults(imageExporter(record), image)));
    return message;
  }

  private static Descriptor blob(Section section) {
    return Descriptor.newBuilder()
        .setMediaType(section.kind().mediaType())
        .setDigest(section.digest().toString())
        .setSize(section.size())
        .build();
  }

  /** The answers of several exporters are one map: its image is the first one's. */
  private static long imageExporter(BuildRecord record) {
    List<BuildRecord.Exporter> exporters = record.request().exporters();
    for (int i = 0; i < exporters.size(); i++) {
      if (IMAGE_EXPORTERS.contains(exporters.get(i).type())) {
        return i;
      }
    }
    return 0;
  }

  private static Descriptor image(dev.jbuild.oci.Descriptor image) {
    return Descriptor.newBuilder()
        .setMediaType(image.mediaType().value())
        .setDigest(image.digest().toString())
        .setSize(image.sizeBytes())
        .putAllAnnotations(image.annotations())
        .build();
  }
}
