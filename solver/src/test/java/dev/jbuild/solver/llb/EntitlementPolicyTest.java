package dev.jbuild.solver.llb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.error.Detail.MissingGrant;
import dev.jbuild.error.Detail.Side;
import dev.jbuild.llb.CdiDevice;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.solver.llb.EntitlementPolicy.Need;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class EntitlementPolicyTest {
  private static final Entitlement NETWORK = new Entitlement.NetworkHost();
  private static final Entitlement INSECURE = new Entitlement.SecurityInsecure();
  private static final Entitlement GPU = new Entitlement.Device("vendor.com/gpu=0");
  private static final Place STEP =
      Place.of(Ops.atLine(2, "RUN --network=host true", Ops.exec(Ops.root(-1))));

  private static final String ALLOW_NETWORK =
      "build with '--allow network.host' or, for the whole build, '--network=host'";
  private static final String START_NETWORK =
      "start the daemon with 'jbuildd --allow-insecure-entitlement network.host' or put"
          + " 'insecure-entitlements = [\"network.host\"]' into jbuildd.toml";

  private static BuildException refused(Grants grants, Entitlement needed, Place place) {
    return assertThrows(
        BuildException.class, () -> new EntitlementPolicy(grants).require(needed, place));
  }

  private static Grants grants(Set<Entitlement> daemon, Set<Entitlement> request) {
    return new Grants(daemon, request);
  }

  @Test
  void whatBothGrantIsAllowed() {
    new EntitlementPolicy(grants(Set.of(NETWORK), Set.of(NETWORK))).require(NETWORK, STEP);
  }

  @Test
  void whatNobodyGrantsNamesBothRemedies() {
    var failure = refused(Grants.NONE, NETWORK, STEP);

    assertEquals(
        "Dockerfile:2: 'RUN --network=host true' needs the entitlement network.host, which neither"
            + " the request nor the daemon grants: "
            + ALLOW_NETWORK
            + ", and "
            + START_NETWORK,
        failure.message());
    assertEquals(Code.PERMISSION_DENIED, failure.code());
    var expected = new ArrayList<Detail>();
    expected.add(new MissingGrant("network.host", Side.DAEMON, START_NETWORK));
    expected.add(new MissingGrant("network.host", Side.REQUEST, ALLOW_NETWORK));
    expected.addAll(STEP.origin());
    assertEquals(expected, failure.details());
  }

  @Test
  void whatAClientIsNotGivenNamesTheClient() {
    var limit = new ClientLimit("the user 'ci'", Set.of(INSECURE));
    var both = Set.of(NETWORK, INSECURE);
    var failure = refused(new Grants(both, both, limit), NETWORK, STEP);

    String remedy =
        "put 'entitlements = [\"network.host\"]' into its [[client]] table in jbuildd.toml";
    assertEquals(
        "Dockerfile:2: 'RUN --network=host true' needs the entitlement network.host, which the"
            + " daemon does not grant to the user 'ci': "
            + remedy,
        failure.message());
    assertEquals(
        new MissingGrant("network.host", Side.DAEMON, remedy), failure.details().getFirst());
    new EntitlementPolicy(new Grants(both, both, limit)).require(INSECURE, STEP);
  }

  @Test
  void aClientIsNotGivenWhatTheDaemonDoesNotGrant() {
    var limit = new ClientLimit("the user 'ci'", Set.of(NETWORK));
    var failure = refused(new Grants(Set.of(), Set.of(NETWORK), limit), NETWORK, STEP);

    assertEquals(
        "Dockerfile:2: 'RUN --network=host true' needs the entitlement network.host, which the"
            + " daemon does not grant: "
            + START_NETWORK,
        failure.message());
  }

  @Test
  void whatOnlyTheDaemonGrantsIsAskedOfTheRequest() {
    var failure = refused(grants(Set.of(INSECURE), Set.of()), INSECURE, STEP);

    assertEquals(
        "Dockerfile:2: 'RUN --network=host true' needs the entitlement security.insecure, which the"
            + " request does not grant: build with '--allow security.insecure'",
        failure.message());
    assertEquals(
        new MissingGrant(
            "security.insecure", Side.REQUEST, "build with '--allow security.insecure'"),
        failure.details().getFirst());
  }

  @Test
  void requestForWhatTheDaemonDoesNotGrantIsRefused() {
    var failure = refused(grants(Set.of(), Set.of(NETWORK)), NETWORK, Place.request());

    assertEquals(
        "the request needs the entitlement network.host, which the daemon does not grant: "
            + START_NETWORK,
        failure.message());
    assertEquals(
        List.of(new MissingGrant("network.host", Side.DAEMON, START_NETWORK)), failure.details());
  }

  private static Entitlement ports(String text) {
    return new Entitlement.NetworkHostPorts(HostPorts.parse(text));
  }

  @Test
  void portsThatTheDaemonDoesNotGrantAreRefused() {
    var postgres = ports("127.0.0.1:5432");
    var failure = refused(grants(Set.of(), Set.of(postgres)), postgres, Place.request());

    String remedy =
        "start the daemon with 'jbuildd --allow-insecure-entitlement network.host=127.0.0.1:5432'"
            + " or put 'insecure-entitlements = [\"network.host=127.0.0.1:5432\"]' into"
            + " jbuildd.toml";
    assertEquals(
        "the request needs the entitlement network.host=127.0.0.1:5432, which the daemon does not"
            + " grant: "
            + remedy,
        failure.message());
    assertEquals(
        List.of(new MissingGrant("network.host=127.0.0.1:5432", Side.DAEMON, remedy)),
        failure.details());
  }

  @Test
  void portsThatTheRequestDoesNotGrantAreRefused() {
    var range = ports("127.0.0.1:5000-5999");
    var failure = refused(grants(Set.of(range), Set.of()), ports("127.0.0.1:5432"), STEP);

    assertEquals(
        "Dockerfile:2: 'RUN --network=host true' needs the entitlement"
            + " network.host=127.0.0.1:5432, which the request does not grant: build with '--allow"
            + " network.host=127.0.0.1:5432'",
        failure.message());
  }

  @Test
  void grantOfPortsCoversThoseInsideOfIt() {
    Set<Entitlement> range = Set.of(ports("127.0.0.1:5000-5999"));
    var inside = ports("127.0.0.1:5432-5433");
    new EntitlementPolicy(grants(range, Set.of(inside))).require(inside, STEP);

    for (String outside :
        List.of("127.0.0.1:4999-5000", "127.0.0.1:5999-6000", "127.0.0.2:5432", "[::1]:5432")) {
      var failure = refused(grants(range, Set.of(ports(outside))), ports(outside), STEP);
      assertEquals(Code.PERMISSION_DENIED, failure.code(), outside);
    }
  }

  @Test
  void grantOfTheHostsNetworkCoversItsPortsAndNotTheOtherWayRound() {
    var port = ports("127.0.0.1:5432");
    new EntitlementPolicy(grants(Set.of(NETWORK), Set.of(port))).require(port, STEP);

    assertEquals(
        Code.PERMISSION_DENIED, refused(grants(Set.of(port), Set.of(port)), NETWORK, STEP).code());
  }

  @Test
  void oneGrantIsNotAnother() {
    var both = Set.of(INSECURE);

    assertEquals(Code.PERMISSION_DENIED, refused(grants(both, both), NETWORK, STEP).code());
  }

  @Test
  void grantOfAllDevicesCoversEach() {
    var all = Set.<Entitlement>of(new Entitlement.Device(""));

    new EntitlementPolicy(grants(all, Set.of(GPU))).require(GPU, STEP);
    var other = Set.<Entitlement>of(new Entitlement.Device("other"));
    assertEquals(Code.PERMISSION_DENIED, refused(grants(all, other), GPU, STEP).code());
  }

  @Test
  void allRefusedStepsAreNamed() {
    var needs = new ArrayList<Need>();
    for (int line = 2; line < 16; line++) {
      Place place = Place.of(Ops.atLine(line, "RUN " + line, Ops.exec(Ops.root(-1))));
      needs.add(new Need(INSECURE, place));
    }
    var failure =
        assertThrows(
            BuildException.class,
            () -> new EntitlementPolicy(grants(Set.of(INSECURE), Set.of())).require(needs));

    assertEquals(
        "Dockerfile:2: 'RUN 2' needs the entitlement security.insecure, which the request does not"
            + " grant: build with '--allow security.insecure'; also refused: Dockerfile:3: 'RUN 3'"
            + " (security.insecure), Dockerfile:4: 'RUN 4' (security.insecure), Dockerfile:5: 'RUN"
            + " 5' (security.insecure), Dockerfile:6: 'RUN 6' (security.insecure), Dockerfile:7:"
            + " 'RUN 7' (security.insecure), Dockerfile:8: 'RUN 8' (security.insecure),"
            + " Dockerfile:9: 'RUN 9' (security.insecure), Dockerfile:10: 'RUN 10'"
            + " (security.insecure), Dockerfile:11: 'RUN 11' (security.insecure), Dockerfile:12:"
            + " 'RUN 12' (security.insecure) and 3 more",
        failure.message());
    assertEquals(1, failure.details().stream().filter(MissingGrant.class::isInstance).count());
  }

  @Test
  void opsNeedWhatTheyAskFor() {
    LlbOp.ExecOp plain = Ops.exec(Ops.root(-1));
    LlbOp.ExecOp all = Ops.exec(NetMode.HOST, SecurityMode.INSECURE, Ops.root(-1));
    var devices =
        new LlbOp.ExecOp(
            all.meta(),
            all.mounts(),
            NetMode.NONE,
            SecurityMode.SANDBOX,
            List.of(),
            List.of(new CdiDevice("vendor.com/gpu=0", true)));

    assertEquals(List.of(), EntitlementPolicy.needs(plain));
    assertEquals(List.of(NETWORK, INSECURE), EntitlementPolicy.needs(all));
    assertEquals(List.of(GPU), EntitlementPolicy.needs(devices));
    assertEquals(List.of(), EntitlementPolicy.needs(Ops.source()));
  }
}
