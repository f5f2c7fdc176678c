package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.NetMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkWordsTest {

  private static boolean in(String command) {
    return NetworkWords.in(Steps.exec(NetMode.SANDBOX, "/bin/sh", "-c", command).meta());
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
  @ValueSource(
      strings = {"pip install x", "mvn package", "uname -m", "make skip", "cat /proc/cpuinfo"})
  void doesNot(String command) {
    assertFalse(in(command));
  }
}
