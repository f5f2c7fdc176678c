package dev.jbuild.cli.client;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The logins of {@code docker login}: {@code $DOCKER_CONFIG/config.json}, key {@code auths}. Read
 * when a registry asks. Source: docker's reference of the CLI configuration.
 */
record DockerCredentials(Map<String, String> env) implements Credentials {

  @Override
  public Optional<Login> forHost(String host) {
    Path file = file();
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      Json root = JsonText.parse(Bytes.copyOf(Files.readAllBytes(file)));
      for (String key : keys(host)) {
        Optional<Login> login = login(member(member(root, "auths"), key));
        if (login.isPresent()) {
          return login;
        }
      }
    } catch (IOException e) {
      System.getLogger(DockerCredentials.class.getName())
          .log(System.Logger.Level.WARNING, "'" + file + "' can not be read: no logins", e);
    }
    return Optional.empty();
  }

  private Path file() {
    String directory = env.get("DOCKER_CONFIG");
    return directory == null || directory.isEmpty()
        ? Path.of(env.getOrDefault("HOME", "/root"), ".docker", "config.json")
        : Path.of(directory, "config.json");
  }

  private static List<String> keys(String host) {
    return host.equals("docker.io")
        ? List.of("https://index.docker.io/v1/", "index.docker.io", "docker.io")
        : List.of(host, "https://" + host, "http://" + host, "https://" + host + "/v1/");
  }

  private static Optional<Login> login(Json entry) {
    String token = text(member(entry, "identitytoken"));
    if (!token.isEmpty()) {
      return Optional.of(new Login("", token));
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(text(member(entry, "auth")));
      String pair = new String(decoded, StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 1
          ? Optional.empty()
          : Optional.of(
              new Login(pair.substring(0, colon), pair.substring(colon + 1).replace("\u0000", "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Json member(Json json, String name) {
    return json instanceof Json.Obj object
        ? object.members().getOrDefault(name, new Json.Null())
        : new Json.Null();
  }

  private static String text(Json json) {
    return json instanceof Json.Text text ? text.value() : "";
  }
}
