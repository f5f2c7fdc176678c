package dev.jbuild.llb.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.JsonText;
import org.junit.jupiter.api.Test;
import pb.FileAction;
import pb.FileActionMkFile;
import pb.FileOp;
import pb.Input;
import pb.Op;
import pb.SecretOpt;
import pb.SourceOp;

class OpJsonTest {
  private static String json(Op.Builder op) {
    return JsonText.compact(OpJson.of(Bytes.copyOf(op.build().toByteArray())));
  }

  @Test
  void longsAreTextsAndBytesAreBase64() {
    var file =
        FileActionMkFile.newBuilder()
            .setPath("/a")
            .setMode(0644)
            .setData(ByteString.copyFromUtf8("hi"));
    assertEquals(
        "{\"inputs\":[{\"digest\":\"sha256:aa\",\"index\":\"1\"}],"
            + "\"file\":{\"actions\":[{\"input\":\"-1\","
            + "\"mkfile\":{\"path\":\"/a\",\"mode\":420,\"data\":\"aGk=\"}}]}}",
        json(
            Op.newBuilder()
                .addInputs(Input.newBuilder().setDigest("sha256:aa").setIndex(1))
                .setFile(
                    FileOp.newBuilder()
                        .addActions(FileAction.newBuilder().setInput(-1).setMkfile(file)))));
  }

  @Test
  void kindsAreNamesAndUnsignedNumbersHaveNoSign() {
    var mount =
        pb.Mount.newBuilder()
            .setMountType(pb.MountType.SECRET)
            .setReadonly(true)
            .setSecretOpt(SecretOpt.newBuilder().setID("s").setUid(-1));
    assertEquals(
        "{\"exec\":{\"mounts\":[{\"readonly\":true,\"mountType\":\"SECRET\","
            + "\"secretOpt\":{\"ID\":\"s\",\"uid\":4294967295}}],\"network\":\"HOST\"}}",
        json(
            Op.newBuilder()
                .setExec(pb.ExecOp.newBuilder().addMounts(mount).setNetwork(pb.NetMode.HOST))));
  }

  @Test
  void mapsAreInTheOrderOfTheirKeys() {
    assertEquals(
        "{\"source\":{\"identifier\":\"git://x\",\"attrs\":{\"a\":\"1\",\"b\":\"2\"}}}",
        json(
            Op.newBuilder()
                .setSource(
                    SourceOp.newBuilder()
                        .setIdentifier("git://x")
                        .putAttrs("b", "2")
                        .putAttrs("a", "1"))));
  }

  @Test
  void whatIsNoOpIsAnEmptyObject() {
    assertEquals("{}", JsonText.compact(OpJson.of(Bytes.utf8("\u0007\u0007"))));
  }
}
