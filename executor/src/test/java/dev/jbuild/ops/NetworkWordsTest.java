package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.ExecMeta;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkWordsTest {

  private static boolean in(String command) {
    return NetworkWords.in(
        new ExecMeta(
            List.of("/bin/sh", "-c", command),
            List.of(),
            "/",
            "",
            Steps.meta().proxyEnv(),
            List.of(),
            "",
            List.of(),
            "",
            false,
            List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ip addr show >/x",
        "ls /sys/class/net",
        "cat /proc/net/route",
        "cat /proc/self/net/dev",
        "grep me /etc/hosts",
        "cat /etc/resolv.conf",
        "echo $HOSTNAME",
        "hostname >/name",
        "uname -a",
        "netstat -tulpn"
      })
  void looksAtTheNetworkWithoutASocket(String command) {
    assertTrue(in(command));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pip install x", "mvn package", "uname -m", "make skip", "cat /proc/cpuinfo"})
  void doesNot(String command) {
    assertFalse(in(command));
  }
}
