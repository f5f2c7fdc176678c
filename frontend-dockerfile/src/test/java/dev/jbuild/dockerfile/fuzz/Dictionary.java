package dev.jbuild.dockerfile.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a random change seldom writes by itself. */
final class Dictionary {
  private static final List<String> PIECES =
      List.of(
          "${",
          "${a:-",
          "${a:?",
          "${a+",
          "${a##",
          "${a%%",
          "${a//",
          "\r\n",
          "<<EOF",
          "\nEOF\n",
          "<<-'X'",
          "[\"",
          "\"]",
          "# escape=`\n",
          "# check=error=true\n",
          "# check=skip=all\n",
          "# syntax=docker/dockerfile:1\n",
          "\nFROM ",
          " AS ",
          "\nRUN ",
          "\nCOPY ",
          "\nADD ",
          "\nENV ",
          "\nARG ",
          "\nONBUILD ",
          "\nHEALTHCHECK ",
          "\nEXPOSE ",
          "\nVOLUME ",
          "\nWORKDIR ",
          "\nUSER ",
          "\nLABEL ",
          "\nSHELL ",
          "\nSTOPSIGNAL ",
          "--from=",
          "--mount=type=",
          "--mount=type=cache,target=",
          "--mount=type=secret,id=",
          "--network=",
          "--platform=",
          "--link ",
          "--parents ",
          "--exclude=",
          "--chmod=u=rwX,go=rX",
          "--chown=",
          "--checksum=sha256:",
          "--interval=",
          "99999999999999999999",
          "https://h/a.git?ref=",
          "git@h:",
          "http://localhost",
          "context:",
          "build-arg:",
          "requestid=frontend.",
          "**/",
          "[^a-",
          "\uFEFF",
          "é",
          "\uD83D\uDE00");

  private Dictionary() {}

  /** In libFuzzer's format: a quoted piece a line, other bytes as hexadecimal escapes. */
  static List<String> lines() {
    return PIECES.stream().map(Dictionary::quoted).toList();
  }

  private static String quoted(String piece) {
    var out = new StringBuilder("\"");
    for (byte b : piece.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b < 0x7f && b != '"' && b != '\\') {
        out.append((char) b);
      } else {
        out.append("\\x%02x".formatted(b));
      }
    }
    return out.append('"').toString();
  }
}
