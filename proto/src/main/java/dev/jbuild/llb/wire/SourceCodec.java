package dev.jbuild.llb.wire;

import com.google.protobuf.ByteString;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Source files and places in them. The graph that a file was read with is not kept. */
public final class SourceCodec {
  private SourceCodec() {}

  public static SourceInfo decode(pb.SourceInfo wire) {
    return new SourceInfo(
        wire.getFilename(), Bytes.copyOf(wire.getData().toByteArray()), wire.getLanguage());
  }

  public static pb.SourceInfo encode(SourceInfo info) {
    return pb.SourceInfo.newBuilder()
        .setFilename(info.filename())
        .setData(ByteString.copyFrom(info.data().toArray()))
        .setLanguage(info.language())
        .build();
  }

  /** A range without an end is the place where it starts. */
  public static SourceRange decode(pb.Range wire) {
    pb.Position start = wire.getStart();
    pb.Position end = wire.hasEnd() ? wire.getEnd() : start;
    return new SourceRange(
        start.getLine(), start.getCharacter(), end.getLine(), end.getCharacter());
  }

  public static pb.Range encode(SourceRange range) {
    return pb.Range.newBuilder()
        .setStart(position(range.startLine(), range.startCharacter()))
        .setEnd(position(range.endLine(), range.endCharacter()))
        .build();
  }

  private static pb.Position position(int line, int character) {
    return pb.Position.newBuilder().setLine(line).setCharacter(character).build();
  }

  /** The places of one op, into files that are shared by all ops. */
  static List<SourceLocation> decode(OpPlace place, pb.Locations wire, List<SourceInfo> infos) {
    var found = new ArrayList<SourceLocation>();
    for (pb.Location location : wire.getLocationsList()) {
      long index = place.within("source index", location.getSourceIndex(), 0, infos.size());
      var ranges = new ArrayList<SourceRange>();
      for (pb.Range range : location.getRangesList()) {
        ranges.add(decode(range));
      }
      found.add(new SourceLocation(infos.get((int) index), ranges));
    }
    return found;
  }
}
