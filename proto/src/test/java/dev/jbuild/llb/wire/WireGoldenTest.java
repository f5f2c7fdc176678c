package dev.jbuild.llb.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.llb.LlbOp;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases of {@code testdata/llb/wire}; see the README there. */
final class WireGoldenTest {
  private static final Path CASES =
      Path.of(System.getProperty("basedir", "."), "..", "testdata", "llb", "wire");

  static List<String> cases() throws IOException {
    try (Stream<Path> entries = Files.list(CASES)) {
      return entries
          .filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bytesAreReadAsWrittenDown(String name) throws IOException {
    Path expected = CASES.resolve(name).resolve("expected.txt");
    String actual = describe(received(name));
    if (Boolean.getBoolean("jbuild.golden.write")) {
      Files.writeString(expected, actual);
    }
    assertEquals(Files.readString(expected), actual);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void writingGivesTheBytesThatAnotherEncoderMade(String name) throws IOException {
    Bytes received = received(name);
    pb.Op wire = pb.Op.parseFrom(received.toArray());
    var again = pb.Op.newBuilder().addAllInputs(wire.getInputsList());
    if (wire.hasPlatform()) {
      again.setPlatform(PlatformCodec.encode(PlatformCodec.decode(wire.getPlatform())));
    }
    if (wire.hasConstraints()) {
      again.setConstraints(wire.getConstraints());
    }
    OpCodec.encode(OpCodec.decode(place(received, wire), wire), again);

    assertEquals(hex(received), hex(OpCodec.canonicalBytes(again.build())));
  }

  private static String describe(Bytes received) throws IOException {
    pb.Op wire = pb.Op.parseFrom(received.toArray());
    LlbOp op = OpCodec.decode(place(received, wire), wire);
    Platform platform = wire.hasPlatform() ? PlatformCodec.decode(wire.getPlatform()) : null;
    return "digest: "
        + received.digest()
        + "\nname: "
        + op.describe()
        + "\noutputs: "
        + OpCodec.outputs(op)
        + "\nplatform: "
        + platform
        + "\nop: "
        + op.toString().replace(", ", ",\n    ")
        + "\n";
  }

  private static OpPlace place(Bytes received, pb.Op wire) {
    return new OpPlace(received.digest(), wire.getInputsCount());
  }

  private static Bytes received(String name) throws IOException {
    String hex = Files.readString(CASES.resolve(name).resolve("op.hex")).replace("\n", "");
    return Bytes.copyOf(HexFormat.of().parseHex(hex));
  }

  private static String hex(Bytes bytes) {
    return HexFormat.of().formatHex(bytes.toArray());
  }
}
