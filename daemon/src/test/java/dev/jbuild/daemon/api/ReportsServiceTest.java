package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.v1.NetworkReportRequest;
import dev.jbuild.v1.ReportsGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import moby.buildkit.v1.SolveRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReportsServiceTest {
  private static final String NOTHING_ASKED =
      "NetworkPlan[dns=DnsSettings[servers=[], search=[], options=[]], egress=, hostPorts=[]]";

  private ApiHarness api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private String report(String ref) {
    return ReportsGrpc.newBlockingStub(api.channel)
        .network(NetworkReportRequest.newBuilder().setRef(ref).build())
        .getJson()
        .toStringUtf8();
  }

  private StatusRuntimeException refused(SolveRequest.Builder request) {
    return assertThrows(StatusRuntimeException.class, () -> api.control().solve(request.build()));
  }

  @Test
  void aBuildHasAReportOnceItIsOver() {
    api.control().solve(ApiHarness.graph("n1", "print").build());
    assertEquals(NOTHING_ASKED, report("n1"));
  }

  @Test
  void aFailedBuildHasOneAsWell() {
    assertEquals(
        Status.Code.UNKNOWN, refused(ApiHarness.graph("n2", "fail")).getStatus().getCode());
    assertEquals(NOTHING_ASKED, report("n2"));
  }

  @Test
  void aRefusedBuildHasOneWithoutSteps() {
    refused(ApiHarness.graph("n3", "print").addEntitlements("security.insecure"));
    assertEquals("{\"steps\":[]}\n", report("n3"));
  }

  @Test
  void anUnknownBuildHasNone() {
    var e = assertThrows(StatusRuntimeException.class, () -> report("nosuch"));
    assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
    assertEquals(
        "no network report of a build 'nosuch': those of the last 100 builds are kept until the"
            + " daemon ends",
        e.getStatus().getDescription());
  }

  @Test
  void theOptionsOfAnyClientAreTheBuildsPlan() {
    api.control()
        .solve(
            ApiHarness.graph("n4", "print")
                .putFrontendAttrs("dns", "192.0.2.1,192.0.2.2")
                .putFrontendAttrs("dns-search", "a.example")
                .putFrontendAttrs("dns-option", "ndots:2")
                .putFrontendAttrs("egress", "allow=example.org:443,deny=*")
                .addEntitlements("network.host=127.0.0.1:5432")
                .addEntitlements("network.host=127.0.0.1:6000-6010")
                .build());
    assertEquals(
        "NetworkPlan[dns=DnsSettings[servers=[/192.0.2.1, /192.0.2.2], search=[a.example],"
            + " options=[ndots:2]], egress=allow=example.org:443,deny=*,"
            + " hostPorts=[127.0.0.1:5432, 127.0.0.1:6000-6010]]",
        report("n4"));
  }

  @Test
  void optionsThatCanNotBeReadAreNamed() {
    var e = refused(ApiHarness.graph("n5", "print").putFrontendAttrs("dns", "x"));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertEquals(
        "dns: want the address of a resolver such as 192.0.2.53, got 'x'",
        e.getStatus().getDescription());
  }
}
