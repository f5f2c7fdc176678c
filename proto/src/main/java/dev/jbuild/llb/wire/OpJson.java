package dev.jbuild.llb.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.LinkedHashMap;
import pb.Op;

/** Ops as JSON, for people and for details of failures. Source: protobuf's JSON mapping. */
public final class OpJson {
  private static final JsonFormat.Printer PRINTER = JsonFormat.printer().sortingMapKeys();

  private OpJson() {}

  /** An op; an empty object when these are no bytes of one. */
  public static Json of(Bytes op) {
    try {
      return of(Op.parseFrom(op.toArray()));
    } catch (InvalidProtocolBufferException e) {
      return new Json.Obj(new LinkedHashMap<>());
    }
  }

  /** Any message, its fields named as in JSON. */
  static Json of(MessageOrBuilder message) {
    return print(PRINTER, message);
  }

  /** Any message, its fields named as in its schema. */
  static Json asDeclared(MessageOrBuilder message) {
    return print(PRINTER.preservingProtoFieldNames(), message);
  }

  private static Json print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return JsonText.parse(printer.print(message));
    } catch (InvalidProtocolBufferException | OciFormatException e) {
      throw new IllegalStateException("a message that was read before is no JSON", e);
    }
  }
}
