package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.oci.Bytes;
import dev.jbuild.session.direct.AgentSource;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The values of {@code --secret} and {@code --ssh}. */
class SessionFlagsTest {
  @TempDir private Path work;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(work.resolve("file"), "x");
  }

  private Map<String, SecretSpec> secrets(String... flags) {
    return SecretSpec.parse(List.of(flags), Map.of("VAR", "value"), work);
  }

  private SecretSpec secret(String flag) {
    return secrets(flag).values().iterator().next();
  }

  private void secretIsRefused(String flag, String text) {
    assertEquals(text, assertThrows(RuntimeException.class, () -> secrets(flag)).getMessage());
  }

  @Test
  void aSecretIsInAFile() {
    var file = new SecretSpec.InFile(work.resolve("file"));
    assertEquals(Map.of("a", file), secrets("id=a,src=file"));
    assertEquals(Map.of("a", file), secrets("type=file,ID=a,source=file"));
    assertEquals(Map.of("file", file), secrets("id=file"));
  }

  @Test
  void aSecretIsInAVariable() {
    var value = new SecretSpec.Value(Bytes.utf8("value"));
    assertEquals(value, secret("id=a,env=VAR"));
    assertEquals(value, secret("type=env,id=a,src=VAR"));
    assertEquals(value, secret("id=VAR"));
    assertEquals(value, secret("id=VAR,type=env"));
  }

  @Test
  void aSecretIsNotPrinted() {
    assertEquals("Value[***]", secret("id=VAR").toString());
  }

  @Test
  void aMistakeInASecretIsNamed() {
    secretIsRefused(
        "id=a,scr=file",
        "--secret: unknown key 'scr' in 'id=a,scr=file', did you mean 'src'?; known are id, src,"
            + " env, type");
    secretIsRefused("src=file", "--secret: no id in 'src=file'; want id=ID,src=FILE");
    secretIsRefused("a", "--secret: 'a' in 'a' is no KEY=VALUE; want id=ID,src=FILE");
    secretIsRefused(
        "id=a,type=x", "--secret: unknown type 'x' in 'id=a,type=x'; known are file, env");
    secretIsRefused(
        "id=a,src=file,env=VAR",
        "--secret: 'id=a,src=file,env=VAR' has both src and env; want one");
  }

  @Test
  void aSecretThatIsNotThereIsNamed() {
    secretIsRefused(
        "id=a,src=none", "--secret id=a,src=none: '" + work.resolve("none") + "' does not exist");
    secretIsRefused(
        "id=a,env=NONE", "--secret id=a,env=NONE: there is no variable 'NONE' in the environment");
    secretIsRefused(
        "id=a,src=.", "--secret id=a,src=.: '" + work + "' is a directory; give a file");
  }

  private Map<String, AgentSource> agents(Map<String, String> env, String flag) {
    return AgentSpec.parse(List.of(flag), env, work);
  }

  private void agentIsRefused(String flag, String text) {
    assertEquals(
        text, assertThrows(RuntimeException.class, () -> agents(Map.of(), flag)).getMessage());
  }

  @Test
  void anAgentIsASocket() throws IOException {
    Path socket = work.resolve("socket");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      var source = new AgentSource.Socket(socket);
      assertEquals(Map.of("work", source), agents(Map.of(), "work=socket"));
      Map<String, String> env = Map.of("SSH_AUTH_SOCK", socket.toString());
      assertEquals(Map.of("default", source), agents(env, "default"));
    }
  }

  @Test
  void anAgentThatIsNotThereIsNamed() {
    agentIsRefused(
        "default",
        "--ssh default: no agent: SSH_AUTH_SOCK is not set; start ssh-agent, or give a socket:"
            + " --ssh default=SOCKET");
    agentIsRefused(
        "a=none", "--ssh a=none: '" + work.resolve("none") + "': no such socket or key file");
    agentIsRefused("=x", "--ssh: no id in '=x'; want default, ID=SOCKET or ID=KEYFILE");
    agentIsRefused(
        "a=file,none",
        "--ssh a=file,none: '" + work.resolve("none") + "': no such socket or key file");
    agentIsRefused("a=file", "--ssh a=file: '" + work.resolve("file") + "' is no private key");
  }

  @Test
  void keyFilesCanBeTheAgent() throws Exception {
    Path key = work.resolve("key");
    Files.writeString(key, pkcs8());
    assertEquals(
        Map.of("a", new AgentSource.Keys(List.of(key, key))), agents(Map.of(), "a=key,key"));
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(work.resolve("socket")));
      agentIsRefused("a=key,socket", "--ssh a=key,socket: want one socket, or key files");
    }
  }

  private static String pkcs8() throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key)
        + "\n-----END PRIVATE KEY-----\n";
  }
}
