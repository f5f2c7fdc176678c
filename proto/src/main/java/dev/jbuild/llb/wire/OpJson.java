package dev.jbuild.llb.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import pb.Op;

/** Ops as JSON, for people and for details of failures. Source: protobuf's JSON mapping. */
public final class OpJson {
  private OpJson() {}

  /** An op; an empty object when these are no bytes of one. */
  public static Json of(Bytes op) {
    try {
      return object(Op.parseFrom(op.toArray()));
    } catch (InvalidProtocolBufferException e) {
      return new Json.Obj(new LinkedHashMap<>());
    }
  }

  private static Json object(Message message) {
    var members = new LinkedHashMap<String, Json>();
    message
        .getAllFields()
        .forEach((field, value) -> members.put(field.getJsonName(), value(field, value)));
    return new Json.Obj(members);
  }

  private static Json value(FieldDescriptor field, Object value) {
    if (!field.isRepeated()) {
      return single(field, value);
    }
    var all = (List<?>) value;
    if (field.isMapField()) {
      return map(field, all);
    }
    var items = new ArrayList<Json>();
    all.forEach(item -> items.add(single(field, item)));
    return new Json.Arr(items);
  }

  /** In the order of the keys, not of the hashes. */
  private static Json map(FieldDescriptor field, List<?> entries) {
    FieldDescriptor key = field.getMessageType().findFieldByName("key");
    FieldDescriptor value = field.getMessageType().findFieldByName("value");
    var members = new TreeMap<String, Json>();
    for (Object each : entries) {
      var entry = (Message) each;
      members.put(entry.getField(key).toString(), single(value, entry.getField(value)));
    }
    return new Json.Obj(members);
  }

  private static Json single(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case STRING -> new Json.Text(value.toString());
      case LONG -> new Json.Text(number(field, value));
      case INT, FLOAT, DOUBLE -> new Json.Num(number(field, value));
      case BOOLEAN -> new Json.Bool((Boolean) value);
      case ENUM -> new Json.Text(((EnumValueDescriptor) value).getName());
      case BYTE_STRING ->
          new Json.Text(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case MESSAGE -> object((Message) value);
    };
  }

  /** Java has no unsigned numbers. */
  private static String number(FieldDescriptor field, Object value) {
    return switch (field.getType()) {
      case UINT32, FIXED32 -> Integer.toUnsignedString((Integer) value);
      case UINT64, FIXED64 -> Long.toUnsignedString((Long) value);
      default -> value.toString();
    };
  }
}
