package dev.jbuild.error.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DetailJsonTest {
  private final DetailJson codec = new DetailJson();

  private void written(Detail detail, String typeUrl, String json) {
    var typed = codec.write(detail);
    assertEquals(typeUrl, typed.typeUrl());
    assertEquals(json, typed.json().toUtf8());
    assertEquals(Optional.of(detail), codec.read(typed.typeUrl(), typed.json()));
  }

  @Test
  void aVertexIsItsDigestAndName() {
    written(
        new Detail.FailedVertex("sha256:ab", "RUN x"),
        "github.com/moby/buildkit/errdefs.Vertex+json",
        "{\"digest\":\"sha256:ab\",\"name\":\"RUN x\"}");
  }

  @Test
  void anExitIsACapitalCode() {
    written(
        new Detail.ProcessExit(3),
        "github.com/moby/buildkit/gatewayapi.ExitMessage+json",
        "{\"Code\":3}");
  }

  @Test
  void aSourceAlwaysHasAnEnd() {
    written(
        new Detail.Source(
            "Dockerfile", "FROM é\n", "Dockerfile", List.of(new Detail.Lines(1, 0, 1, 4))),
        "github.com/moby/buildkit/errdefs.Source+json",
        "{\"info\":{\"filename\":\"Dockerfile\",\"data\":\"RlJPTSDDqQo=\","
            + "\"language\":\"Dockerfile\"},"
            + "\"ranges\":[{\"start\":{\"line\":1},\"end\":{\"line\":1,\"character\":4}}]}");
  }

  @Test
  void aMissingGrantNamesSideAndRemedy() {
    written(
        new Detail.MissingGrant("network.host", Detail.Side.REQUEST, "--allow network.host"),
        "dev.jbuild/error.MissingGrant+json",
        "{\"entitlement\":\"network.host\",\"side\":\"REQUEST\","
            + "\"remedy\":\"--allow network.host\"}");
  }

  @Test
  void everyCodeComesBack() {
    for (Code code : Code.values()) {
      var typed = codec.write(code);
      assertEquals(Optional.of(code), codec.readCode(typed.typeUrl(), typed.json()));
    }
  }

  @Test
  void aFrontendIsItsNameAndTheImageItRunsFrom() {
    written(
        new Detail.FailedFrontend("gateway.v0", "docker/dockerfile:1"),
        "github.com/moby/buildkit/errdefs.Frontend+json",
        "{\"name\":\"gateway.v0\",\"source\":\"docker/dockerfile:1\"}");
  }

  @Test
  void whatAFrontendLacksIsAName() {
    written(
        new Detail.MissingCapability("moby.buildkit.frontend.x"),
        "github.com/moby/buildkit/errdefs.FrontendCap+json",
        "{\"name\":\"moby.buildkit.frontend.x\"}");
    written(
        new Detail.UnknownRequest("frontend.x"),
        "github.com/moby/buildkit/errdefs.Subrequest+json",
        "{\"name\":\"frontend.x\"}");
  }

  @Test
  void aDetailOfUnknownTypeIsCarriedAlongUntouched() {
    written(
        new Detail.Relayed("github.com/moby/buildkit/stack.Stack+json", Bytes.utf8("{ \"a\": 1 }")),
        "github.com/moby/buildkit/stack.Stack+json",
        "{ \"a\": 1 }");
  }

  @Test
  void malformedValuesAreCarriedAlongToo() {
    relayed(DetailJson.EXIT, "[");
    relayed(DetailJson.GRANT, "{\"side\":\"?\"}");
    relayed(DetailJson.SOURCE, "{\"info\":{\"data\":\"%\"}}");
  }

  private void relayed(String typeUrl, String value) {
    assertEquals(
        Optional.of(new Detail.Relayed(typeUrl, Bytes.utf8(value))),
        codec.read(typeUrl, Bytes.utf8(value)));
  }

  @Test
  void theKindOfAFailureIsNoDetail() {
    assertEquals(Optional.empty(), codec.read(DetailJson.CODE, Bytes.utf8("{\"code\":\"X\"}")));
  }
}
