package dev.jbuild.export.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.export.Exporter;
import dev.jbuild.export.ExporterContract;
import dev.jbuild.export.LayerRig;
import dev.jbuild.export.TarFixture;
import dev.jbuild.oci.Bytes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TarExporterTest extends ExporterContract {

  @Override
  protected Exporter create() {
    return new TarExporter(rig.trees());
  }

  @Override
  protected boolean sendsAFile() {
    return true;
  }

  @Override
  protected Map<String, String> plain() {
    return Map.of();
  }

  @Test
  void layersAreMerged() throws Exception {
    assertEquals(Map.of(), export(Map.of(), LayerRig.result(snapshot())));
    Map<String, Bytes> files = TarFixture.files(rig.sink.newest());
    assertEquals(List.of("etc/conf", "etc/kept", "large"), List.copyOf(files.keySet()));
    assertEquals("new", TarFixture.file(files, "etc/conf").toUtf8());
  }

  @Test
  void epochBoundsTheTimes() throws Exception {
    export(Map.of("source-date-epoch", "0"), LayerRig.result(snapshot()));
    for (String header : TarFixture.headers(rig.sink.newest())) {
      assertEquals("@0", header.substring(header.indexOf('@')));
    }
  }
}
