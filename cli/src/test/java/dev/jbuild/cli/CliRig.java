package dev.jbuild.cli;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

/** A command line over a fake engine, without a terminal. */
final class CliRig {
  private final FakeEngine engine;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  CliRig(FakeEngine engine) {
    this.engine = engine;
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  int run(String... args) {
    var context =
        new CliContext(
            InputStream.nullInputStream(),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            Map.of(),
            Path.of("/"),
            new Terminal() {
              @Override
              public boolean drawable() {
                return false;
              }

              @Override
              public boolean outputIsTerminal() {
                return false;
              }

              @Override
              public int columns() {
                return 80;
              }

              @Override
              public int rows() {
                return 24;
              }
            },
            Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
            new Cancellation() {
              @Override
              public Registration onCancel(Runnable action) {
                return () -> {};
              }

              @Override
              public boolean cancelled() {
                return false;
              }
            },
            engine);
    return new CommandLineInterface(context).run(args);
  }
}
