package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The last class of the module, by its name: whatever ran before has left nothing. */
@Tag("root")
class ZzLeftoversIT {

  @Test
  void theTestsBeforeHaveLeftNothingInTheKernel() throws Exception {
    Commands.assumed("nft");
    assertEquals(List.of(), new MachineLeftovers(Lab.MARK).settled(Deadline.seconds(20)));
  }
}
