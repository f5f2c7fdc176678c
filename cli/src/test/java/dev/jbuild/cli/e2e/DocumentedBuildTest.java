package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Dockerfile of the mission's document about host-network builds, word by word. */
@Tag("root")
class DocumentedBuildTest {
  private static final int PORT = 8080;
  private static final String DOCKERFILE =
      """
      FROM golang:1.21-alpine
      WORKDIR /app
      COPY . .
      RUN go build -o myapp
      # This RUN command will attempt to connect to a service assumed to be on the host
      RUN echo "Pinging local service..." && \\
      curl -s --fail http://localhost:8080/health || exit 1
      """;

  @Test
  @DisplayName("S11 the document's Dockerfile builds unchanged")
  void documentsDockerfileBuildsUnchanged(@TempDir Path directory) throws Exception {
    assumePortFree();
    BuildHost host = BuildHost.withBase(directory);
    makeGolang(host);
    Path context = host.context(DOCKERFILE);
    Files.writeString(context.resolve("main.go"), "package main\n");
    try (var services = new HostServices()) {
      services.http("127.0.0.1", PORT, "all is well\n");
      Path result = directory.resolve("result");
      Outcome built =
          host.build(context, "--network=host", "-t", "myapp", "-o", "type=local,dest=" + result)
              .succeeded();
      assertEquals("built of package main\n", Files.readString(result.resolve("app/myapp")));
      String said = built.err();
      assertEquals(1, said.split(" all is well\n", -1).length - 1, said);
      host.build(context, "--no-cache").endedWith(1);
    }
  }

  private static void assumePortFree() throws IOException {
    try (var probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
    } catch (BindException e) {
      Assumptions.abort("skipped: port 8080 of this machine is taken, which the document names");
    }
  }

  /** Stands for the real one, which is not on this machine: {@code go} and {@code curl}. */
  private static void makeGolang(BuildHost host) throws IOException {
    Path context =
        host.context(
            """
            FROM base
            COPY --chmod=755 go curl /usr/local/bin/
            """);
    Files.writeString(
        context.resolve("go"),
        """
        #!/bin/sh
        [ "$1 $2" = "build -o" ] || exit 2
        echo "built of $(cat *.go)" >"$3"
        """);
    Files.writeString(
        context.resolve("curl"),
        """
        #!/bin/sh
        for url; do :; done
        exec wget -q -O - "$url"
        """);
    for (String program : new String[] {"go", "curl"}) {
      Files.setPosixFilePermissions(
          context.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    host.build(context, "-t", "golang:1.21-alpine").succeeded();
  }
}
