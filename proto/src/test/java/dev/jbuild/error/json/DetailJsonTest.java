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
  void unknownTypesAndMalformedValuesAreNothing() {
    assertEquals(Optional.empty(), codec.read("stack.Stack+json", Bytes.utf8("{}")));
    assertEquals(Optional.empty(), codec.read(DetailJson.EXIT, Bytes.utf8("[")));
    assertEquals(Optional.empty(), codec.read(DetailJson.GRANT, Bytes.utf8("{\"side\":\"?\"}")));
    assertEquals(
        Optional.empty(), codec.read(DetailJson.SOURCE, Bytes.utf8("{\"info\":{\"data\":\"%\"}}")));
  }
}
