package dev.jbuild.daemon.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import org.junit.jupiter.api.Test;

class NetworkReportsTest {
  private final NetworkReports reports = new NetworkReports();

  private void missing(String ref) {
    var e = assertThrows(BuildException.class, () -> reports.find(ref));
    assertEquals(
        "no network report of a build '"
            + ref
            + "': those of the last 100 builds are kept until the daemon ends",
        e.message());
    assertEquals(Code.NOT_FOUND, e.code());
  }

  @Test
  void aReportIsFoundByItsBuild() {
    reports.keep("a", Bytes.utf8("1"));
    reports.keep("b", Bytes.utf8("2"));
    assertEquals(Bytes.utf8("1"), reports.find("a"));
    missing("c");
  }

  @Test
  void theLaterOfOneRefCounts() {
    reports.keep("a", Bytes.utf8("1"));
    reports.keep("a", Bytes.utf8("2"));
    assertEquals(Bytes.utf8("2"), reports.find("a"));
  }

  @Test
  void aHundredAreKept() {
    for (int i = 0; i <= NetworkReports.BUILDS; i++) {
      reports.keep("b" + i, Bytes.utf8("{}"));
    }
    missing("b0");
    assertEquals(Bytes.utf8("{}"), reports.find("b1"));
    assertEquals(Bytes.utf8("{}"), reports.find("b100"));
  }

  @Test
  void theOldestGoWhenTheyAreTooLargeTogether() {
    var large = Bytes.copyOf(new byte[NetworkReports.REPORT_BYTES]);
    for (int i = 0; i < 5; i++) {
      reports.keep("b" + i, large);
    }
    missing("b0");
    assertEquals(large, reports.find("b1"));
    reports.keep("b1", Bytes.utf8("{}"));
    reports.keep("b5", large);
    missing("b2");
    assertEquals(large, reports.find("b3"));
    assertEquals(Bytes.utf8("{}"), reports.find("b1"));
  }

  @Test
  void oneThatIsTooLargeIsNamed() {
    reports.keep("a", Bytes.copyOf(new byte[NetworkReports.REPORT_BYTES + 1]));
    var e = assertThrows(BuildException.class, () -> reports.find("a"));
    assertEquals(
        "the network report of build 'a' has 8388609 bytes; at most 8388608 are kept", e.message());
    assertEquals(Code.RESOURCE_EXHAUSTED, e.code());
  }
}
