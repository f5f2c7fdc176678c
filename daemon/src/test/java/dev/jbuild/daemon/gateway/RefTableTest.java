package dev.jbuild.daemon.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.wire.DefinitionEncoder;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RefTableTest {
  private final AtomicInteger ids = new AtomicInteger();
  private final RefTable table = new RefTable(() -> "r" + ids.incrementAndGet());
  private final Definition graph = DefinitionEncoder.encode(ToyEngine.op("x"));

  @Test
  void oneGraphTwiceHasTwoNames() {
    NamedRef first = table.add(graph);
    NamedRef second = table.add(graph);
    assertNotEquals(first.id(), second.id());
    assertSame(graph, table.find(first.id()));
    assertSame(graph, table.find(second.id()));
  }

  @Test
  void scratchIsTheEmptyName() {
    assertSame(NamedRef.SCRATCH, table.add(Definition.SCRATCH));
    assertSame(Definition.SCRATCH, table.find(""));
  }

  @Test
  void refsHaveABound() {
    for (int i = 0; i < 10_000; i++) {
      table.add(graph);
    }
    var e = assertThrows(BuildException.class, () -> table.add(graph));
    assertEquals(Code.RESOURCE_EXHAUSTED, e.code());
    // 10,000 times the op and the Dockerfile that it stands in.
    long bytes = 10_000L * (graph.ops().get(0).bytes().size() + "FROM scratch\nRUN x\n".length());
    assertEquals(
        "the build has 10000 refs whose graphs have "
            + bytes
            + " bytes; at most 10000 refs with 268435456 bytes are kept",
        e.message());
    assertSame(graph, table.find("r1"), "those that were given out stay good");
  }

  @Test
  void aNameOfNobodyIsRefused() {
    var e = assertThrows(BuildException.class, () -> table.find("x"));
    assertEquals(Code.NOT_FOUND, e.code());
    assertEquals("no such ref 'x' in this build", e.message());
  }
}
