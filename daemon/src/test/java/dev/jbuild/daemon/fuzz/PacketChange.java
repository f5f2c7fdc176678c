package dev.jbuild.daemon.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import fsutil.types.Packet;
import fsutil.types.Packet.PacketType;
import fsutil.types.Stat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Changes packets of the file protocol to what a hostile side would say. */
public final class PacketChange implements Mutator.Change {
  /** Stands for a name whose bytes are no text: no builder takes one. */
  private static final String NO_TEXT = "\u0001\u0002";

  /** Names that lead somewhere else, that mean something, or that are none. */
  private static final List<String> NAMES =
      List.of(
          "",
          ".",
          "..",
          "../outside/new",
          "/",
          "/tmp/jbuild-fuzz-outside",
          "a/../../outside/new",
          "a/",
          "a//b",
          "./a",
          "x\0y",
          "\0",
          "out/new",
          "out",
          "out/kept",
          "../outside/kept",
          ".wh.a",
          ".wh..wh..opq",
          ".wh.",
          "d/.wh.file",
          "a\nb\u001b[2J",
          "\ud7ff\uffff",
          "zzzz-later",
          "n".repeat(255),
          "ü".repeat(255),
          "n".repeat(256),
          "n/".repeat(2048) + "n",
          "n".repeat(100_000),
          NO_TEXT);

  private static final int[] MODES = {
    0644,
    0,
    07777,
    1 << 31 | 0755,
    1 << 31,
    1 << 27 | 0777,
    1 << 26 | 0600,
    1 << 26 | 1 << 21 | 0600,
    1 << 25 | 0600,
    1 << 24 | 0600,
    1 << 21,
    1 << 19,
    1 << 31 | 1 << 27,
    1 << 23 | 1 << 22 | 1 << 20 | 0777,
    -1
  };

  private static final long[] NUMBERS = {
    0, 1, -1, 255, 4096, 1 << 20, 1L << 31, 1L << 32, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE
  };

  @Override
  public ByteString of(ByteString message, Random random) {
    Packet.Builder packet;
    try {
      packet = Packet.parseFrom(message).toBuilder();
    } catch (InvalidProtocolBufferException broken) {
      return Mutator.bytes(message, random);
    }
    if (packet.hasStat() && random.nextInt(10) > 0) {
      change(packet.getStatBuilder(), random);
    } else {
      change(packet, random);
    }
    return untext(packet.build().toByteString(), random);
  }

  private static void change(Packet.Builder packet, Random random) {
    switch (random.nextInt(6)) {
      case 0 -> packet.setTypeValue((int) number(random));
      case 1 -> packet.setID((int) number(random));
      case 2 -> packet.setID(random.nextInt(16));
      case 3 -> packet.setData(ByteString.EMPTY);
      case 4 -> packet.setData(ByteString.copyFrom(new byte[random.nextInt(300_000)]));
      default -> {
        packet.setType(PacketType.PACKET_STAT);
        change(packet.getStatBuilder().setPath("a").setMode(0644), random);
      }
    }
  }

  private static void change(Stat.Builder stat, Random random) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> stat.setPath(name(stat.getPath(), random));
      case 3, 4 -> stat.setMode(MODES[random.nextInt(MODES.length)]);
      case 5 -> stat.setMode(1 << 27 | 0777).setLinkname(name(stat.getPath(), random));
      case 6 -> stat.setLinkname(name(stat.getPath(), random));
      case 7 -> stat.setSize(number(random));
      case 8 -> stat.setModTime(number(random));
      case 9 -> stat.setUid((int) number(random)).setGid((int) number(random));
      case 10 ->
          stat.setDevmajor(number(random))
              .setDevminor(number(random))
              .setMode(1 << 26 | 1 << 21 | 0600);
      default ->
          stat.putXattrs(
              random.nextBoolean() ? "user.x" : "security." + name("", random),
              ByteString.copyFrom(new byte[random.nextInt(70_000)]));
    }
  }

  private static String name(String before, Random random) {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    return switch (random.nextInt(4)) {
      case 0 -> before + "/" + name;
      case 1 -> before + name;
      default -> name;
    };
  }

  private static long number(Random random) {
    return random.nextInt(4) == 0 ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private static ByteString untext(ByteString message, Random random) {
    byte[] bytes = message.toByteArray();
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = all.indexOf(NO_TEXT);
    if (at >= 0) {
      bytes[at] = (byte) 0xff;
      bytes[at + 1] = (byte) (random.nextBoolean() ? 0xc0 : 0xed);
    }
    return ByteString.copyFrom(bytes);
  }
}
