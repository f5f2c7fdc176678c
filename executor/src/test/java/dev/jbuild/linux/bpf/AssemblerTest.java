package dev.jbuild.linux.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class AssemblerTest {
  private static String hex(Assembler code) {
    return HexFormat.ofDelimiter(" ").formatHex(code.assemble());
  }

  @Test
  void arithmeticIsEncodedAsInTheStandard() {
    assertEquals(
        "b7 01 00 00 fe ff ff ff bf 12 00 00 00 00 00 00 07 02 00 00 05 00 00 00"
            + " 57 03 00 00 ff 00 00 00 4f 43 00 00 00 00 00 00 67 05 00 00 02 00 00 00"
            + " 77 06 00 00 10 00 00 00 dc 07 00 00 10 00 00 00",
        hex(
            new Assembler()
                .move(Register.R1, -2)
                .move(Register.R2, Register.R1)
                .add(Register.R2, 5)
                .and(Register.R3, 0xff)
                .or(Register.R3, Register.R4)
                .shiftLeft(Register.R5, 2)
                .shiftRight(Register.R6, 16)
                .swapHalf(Register.R7)));
  }

  @Test
  void memoryIsEncodedAsInTheStandard() {
    assertEquals(
        "79 61 a8 00 00 00 00 00 69 a2 fe ff 00 00 00 00 63 1a fc ff 00 00 00 00"
            + " 72 0a f0 ff 07 00 00 00 c3 17 14 00 00 00 00 00 db 29 08 00 00 00 00 00",
        hex(
            new Assembler()
                .load(Width.DOUBLE, Register.R1, Register.R6, 168)
                .load(Width.HALF, Register.R2, Register.STACK, -2)
                .store(Width.WORD, Register.STACK, -4, Register.R1)
                .store(Width.BYTE, Register.STACK, -16, 7)
                .addAtomically(Width.WORD, Register.R7, 20, Register.R1)
                .addAtomically(Width.DOUBLE, Register.R9, 8, Register.R2)));
  }

  @Test
  void longConstantsAndMapsTakeTwoInstructions() {
    assertEquals(
        "18 08 00 00 88 77 66 55 00 00 00 00 44 33 22 11"
            + " 18 11 00 00 2a 00 00 00 00 00 00 00 00 00 00 00",
        hex(new Assembler().moveLong(Register.R8, 0x1122334455667788L).moveMap(Register.R1, 42)));
  }

  @Test
  void jumpsLeadForwardAndBackToTheirLabels() {
    var back = new Label();
    var end = new Label();
    assertEquals(
        "85 00 00 00 01 00 00 00 15 00 02 00 00 00 00 00 2d 21 fd ff 00 00 00 00"
            + " 05 00 00 00 00 00 00 00 95 00 00 00 00 00 00 00",
        hex(
            new Assembler()
                .bind(back)
                .call(KernelFunction.MAP_LOOKUP_ELEM)
                .jumpIf(Condition.EQUAL, Register.R0, 0, end)
                .jumpIf(Condition.GREATER, Register.R1, Register.R2, back)
                .jump(end)
                .bind(end)
                .exit()));
  }

  @Test
  void labelThatIsNowhereIsABug() {
    var code = new Assembler().jump(new Label());
    assertEquals(
        "label: a jump leads to it, but it is nowhere",
        assertThrows(IllegalStateException.class, code::assemble).getMessage());
  }

  @Test
  void labelAtTwoPlacesIsABug() {
    var label = new Label();
    var code = new Assembler().bind(label);
    assertEquals(
        "label: already at 0",
        assertThrows(IllegalStateException.class, () -> code.bind(label)).getMessage());
  }

  @Test
  void jumpThatIsTooFarIsABug() {
    var end = new Label();
    var code = new Assembler().jump(end);
    for (int i = 0; i < 40_000; i++) {
      code.move(Register.R0, 0);
    }
    code.bind(end).exit();
    assertEquals(
        "jump: too far, 40000 instructions",
        assertThrows(IllegalStateException.class, code::assemble).getMessage());
  }

  @Test
  void offsetThatDoesNotFitIsABug() {
    var code = new Assembler();
    assertEquals(
        "offset: want 16 bits, got 40000",
        assertThrows(
                IllegalArgumentException.class,
                () -> code.load(Width.WORD, Register.R1, Register.R2, 40_000))
            .getMessage());
  }

  @Test
  void smallAtomicAdditionIsABug() {
    var code = new Assembler();
    assertEquals(
        "atomic: want 4 or 8 bytes, got 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> code.addAtomically(Width.HALF, Register.R1, 0, Register.R2))
            .getMessage());
  }
}
