package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Changes fields of any message, by their numbers: it need not know what they mean. */
public final class FieldChange implements Mutator.Change {
  private static final int NUMBERS = 14;

  private static final long[] VALUES = {
    0, 1, 2, 3, -1, 100, 4096, 1 << 20, 1L << 31, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private static final List<String> TEXTS =
      List.of(
          "",
          "x",
          "..",
          "../../outside/kept",
          "/",
          "a\0b",
          "a\nb\u001b[2J",
          "sha256:",
          "sha256:" + "0".repeat(64),
          "sha256:" + "../".repeat(21) + "a",
          "sha512:" + "0".repeat(128),
          "ü",
          "x".repeat(70_000));

  @Override
  public ByteString of(ByteString message, Random random) {
    UnknownFieldSet.Builder fields;
    try {
      fields = UnknownFieldSet.parseFrom(message).toBuilder();
    } catch (InvalidProtocolBufferException broken) {
      return Mutator.bytes(message, random);
    }
    var present = new ArrayList<>(fields.asMap().entrySet());
    if (present.isEmpty() || random.nextInt(6) == 0) {
      fields.addField(1 + random.nextInt(NUMBERS), any(random));
      return fields.build().toByteString();
    }
    Map.Entry<Integer, Field> chosen = present.get(random.nextInt(present.size()));
    int number = chosen.getKey();
    switch (random.nextInt(6)) {
      case 0 -> fields.clearField(number);
      case 1 -> fields.mergeField(number, chosen.getValue());
      case 2 -> fields.addField(number, any(random));
      default -> fields.clearField(number).addField(number, like(chosen.getValue(), random));
    }
    return fields.build().toByteString();
  }

  /** Of the same kind. */
  private static Field like(Field field, Random random) {
    if (!field.getVarintList().isEmpty()) {
      return Field.newBuilder().addVarint(number(random)).build();
    }
    if (field.getLengthDelimitedList().isEmpty()) {
      return any(random);
    }
    ByteString before = field.getLengthDelimitedList().get(0);
    ByteString changed =
        switch (random.nextInt(4)) {
          case 0 -> Mutator.bytes(before, random);
          case 1 -> ByteString.copyFrom(new byte[random.nextInt(300_000)]);
          default -> text(random);
        };
    return Field.newBuilder().addLengthDelimited(changed).build();
  }

  private static Field any(Random random) {
    var field = Field.newBuilder();
    return switch (random.nextInt(4)) {
      case 0 -> field.addVarint(number(random)).build();
      case 1 -> field.addFixed64(number(random)).build();
      case 2 -> field.addGroup(UnknownFieldSet.getDefaultInstance()).build();
      default -> field.addLengthDelimited(text(random)).build();
    };
  }

  private static long number(Random random) {
    return random.nextInt(4) == 0 ? random.nextLong() : VALUES[random.nextInt(VALUES.length)];
  }

  private static ByteString text(Random random) {
    return random.nextInt(8) == 0
        ? ByteString.copyFrom(new byte[] {(byte) 0xc0, (byte) 0xff})
        : ByteString.copyFromUtf8(TEXTS.get(random.nextInt(TEXTS.size())));
  }
}
