package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.NetworkPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link NetworkProvider} does. */
public abstract class NetworkProviderContract {
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** A new provider; resources go to {@link #closeLater}. */
  protected abstract NetworkProvider provider() throws Exception;

  protected abstract NetMode mode();

  protected final <T extends AutoCloseable> T closeLater(T resource) {
    opened.add(resource);
    return resource;
  }

  @AfterEach
  final void closeAll() throws Exception {
    for (var resource : opened.reversed()) {
      resource.close();
    }
  }

  @Test
  void handleSaysWhatTheStepReallyGets() throws Exception {
    try (var handle = provider().open(new NetworkRequest("one", NetworkPlan.NONE))) {
      assertEquals(mode(), handle.mode());
      assertEquals(mode() == NetMode.HOST, handle.namespacePath() == null);
    }
  }

  @Test
  void namespaceIsOneOfItsOwnUntilClosed() throws Exception {
    var handle = provider().open(new NetworkRequest("one", NetworkPlan.NONE));
    String path = handle.namespacePath();
    if (path != null) {
      assertFalse(sameAsOurs(path), path);
    }
    handle.close();
    handle.close();
    if (path != null) {
      assertFalse(Files.exists(Path.of(path)), path);
    }
  }

  private static boolean sameAsOurs(String path) throws IOException {
    return Files.readSymbolicLink(Path.of(path))
        .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
  }

  @Test
  void manyAtOnceAreAllDifferent() throws Exception {
    var provider = provider();
    int count = 32;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Callable<NetworkHandle>>();
      for (int i = 0; i < count; i++) {
        String id = "step" + i;
        tasks.add(() -> closeLater(provider, id));
      }
      var namespaces = new HashSet<Path>();
      var addresses = new HashSet<String>();
      int expectedAddresses = 0;
      for (var task : threads.invokeAll(tasks)) {
        var handle = task.get();
        String path = handle.namespacePath();
        if (path != null) {
          namespaces.add(Files.readSymbolicLink(Path.of(path)));
        }
        addresses.addAll(handle.addresses());
        expectedAddresses += handle.addresses().size();
        closeLater(handle);
      }
      assertEquals(mode() == NetMode.HOST ? 0 : count, namespaces.size());
      assertEquals(expectedAddresses, addresses.size());
    }
  }

  private static NetworkHandle closeLater(NetworkProvider provider, String id)
      throws IOException, InterruptedException {
    return provider.open(new NetworkRequest(id, NetworkPlan.NONE));
  }

  @Test
  void interruptedOpenLeavesNoDescriptor() throws Exception {
    var provider = provider();
    try (var warm = provider.open(new NetworkRequest("warm", NetworkPlan.NONE))) {
      assertEquals(mode(), warm.mode());
    }
    long before = namespacesHeld();
    for (int i = 0; i < 20; i++) {
      var thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var handle =
                        provider.open(new NetworkRequest("interrupted", NetworkPlan.NONE))) {
                      assertEquals(mode(), handle.mode());
                    } catch (IOException | InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      thread.interrupt();
      thread.join();
    }
    assertTrue(namespacesHeld() <= before, "descriptors of namespaces");
  }

  /** Descriptors of network namespaces that this process has open. */
  private static long namespacesHeld() throws IOException {
    long count = 0;
    try (var files = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var file : files) {
        try {
          if (Files.readSymbolicLink(file).toString().startsWith("net:")) {
            count++;
          }
        } catch (IOException e) {
          // Closed since it was listed, as that of the listing itself.
        }
      }
    }
    return count;
  }
}
