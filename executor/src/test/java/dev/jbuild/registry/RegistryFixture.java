package dev.jbuild.registry;

import dev.jbuild.session.Credentials;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A lying registry, a client of it, and what the client waited for and told. */
final class RegistryFixture implements AutoCloseable, TransferProgress {
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final Credentials NOBODY = host -> Optional.empty();

  final TestRegistry registry = new TestRegistry();
  final Http http = new Http();
  final MemoryStore store = new MemoryStore();
  final List<Long> pauses = Collections.synchronizedList(new ArrayList<>());
  final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  final List<String> statuses = Collections.synchronizedList(new ArrayList<>());

  RegistryFixture() throws IOException {}

  Repository repository(String path) {
    return new Repository(registry.host(), path);
  }

  RegistryClient client() {
    return client(NOBODY);
  }

  RegistryClient client(Credentials credentials) {
    return client(credentials, RegistryConfig.DEFAULT, Clock.systemUTC());
  }

  RegistryClient client(Credentials credentials, RegistryConfig config, Clock clock) {
    return new RegistryClient(http, config, credentials, clock, pauses::add);
  }

  static RegistryConfig config(String domain, HostConfig host) {
    return new RegistryConfig(Map.of(domain, host));
  }

  /** The text with the registry's changing port left out. */
  String stable(String text) {
    return text.replace(registry.host(), "HOST");
  }

  @Override
  public void status(String id, long currentBytes, long totalBytes, boolean done) {
    statuses.add(id + " " + currentBytes + "/" + totalBytes + (done ? " done" : ""));
  }

  @Override
  public void note(String line) {
    notes.add(stable(line));
  }

  @Override
  public void close() {
    http.close();
    registry.close();
  }
}
