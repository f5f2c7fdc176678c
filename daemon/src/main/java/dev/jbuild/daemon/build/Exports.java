package dev.jbuild.daemon.build;

import dev.jbuild.daemon.build.BuildRequest.ExportRequest;
import dev.jbuild.daemon.build.BuildRequest.FromClient;
import dev.jbuild.daemon.build.BuildRequest.FromDefinition;
import dev.jbuild.daemon.build.BuildRequest.FromFrontend;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.Exporter;
import dev.jbuild.oci.Bytes;
import dev.jbuild.ops.StepTransfers;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Pattern;

/** Runs a build's exporters side by side, each shown as its own vertex. */
record Exports(BuildEngine engine, Clock clock, ThreadFactory threads) {
  private static final Pattern EPOCH = Pattern.compile("-?[0-9]{0,18}");
  private static final String EPOCH_ARG = "build-arg:SOURCE_DATE_EPOCH";
  private static final String EPOCH_ATTR = "source-date-epoch";
  private static final String EPOCH_RESULT = "source.date.epoch";

  /** Exporters that are known and whose attributes are right. */
  record Prepared(Exports exports, List<Task> tasks) {

    /** Exports and gives all response keys; with equal keys the first exporter's counts. */
    Map<String, String> run(BuildResult result, BuildScope scope, ProgressLog log)
        throws InterruptedException {
      return exports.run(tasks, result, scope, log);
    }
  }

  /** One exporter with its request. */
  record Task(Exporter exporter, Map<String, String> attrs, Exporter.Export export, int index) {

    /** What to run: with the time that only the frontend knew, where the client gave none. */
    Exporter.Export dated(BuildResult result) {
      Bytes epoch = result.metadata().get(EPOCH_RESULT);
      if (epoch == null || attrs.containsKey(EPOCH_ATTR)) {
        return export;
      }
      var dated = new TreeMap<>(attrs);
      dated.put(EPOCH_ATTR, epoch.toUtf8());
      return exporter.prepare(dated);
    }
  }

  /**
   * Looks the exporters up before anything is built.
   *
   * @throws BuildException INVALID for an unknown type or a wrong attribute
   */
  Prepared prepared(BuildRequest request) {
    String value =
        switch (request.origin()) {
          case FromDefinition from -> null;
          case FromFrontend from -> from.request().attrs().get(EPOCH_ARG);
          case FromClient from -> from.request().attrs().get(EPOCH_ARG);
        };
    String epoch = value != null && EPOCH.matcher(value).matches() ? value : null;
    var tasks = new ArrayList<Task>();
    for (ExportRequest export : request.exports()) {
      Exporter exporter = exporter(export.type());
      var attrs = new TreeMap<>(export.attrs());
      if (epoch != null) {
        attrs.putIfAbsent(EPOCH_ATTR, epoch);
      }
      tasks.add(new Task(exporter, attrs, exporter.prepare(attrs), export.index()));
    }
    return new Prepared(this, tasks);
  }

  private Map<String, String> run(
      List<Task> tasks, BuildResult result, BuildScope scope, ProgressLog log)
      throws InterruptedException {
    if (tasks.size() == 1) {
      return export(tasks.get(0), result, scope, log);
    }
    var futures = new ArrayList<FutureTask<Map<String, String>>>();
    var workers = new ArrayList<Thread>();
    for (Task task : tasks) {
      var future = new FutureTask<Map<String, String>>(() -> export(task, result, scope, log));
      futures.add(future);
      workers.add(threads.newThread(future));
    }
    workers.forEach(Thread::start);
    var response = new TreeMap<String, String>();
    try {
      for (FutureTask<Map<String, String>> future : futures) {
        future.get().forEach(response::putIfAbsent);
      }
      return response;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    } finally {
      end(workers);
    }
  }

  /** Nothing of an export goes on when the build has ended. */
  private static void end(List<Thread> workers) {
    workers.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Map<String, String> export(
      Task task, BuildResult result, BuildScope scope, ProgressLog log)
      throws InterruptedException {
    return new SyntheticVertex(scope.ref() + "-export-" + task.index(), task.exporter().title())
        .run(log, clock, progress -> export(task, result, scope, new StepTransfers(progress)));
  }

  private static Map<String, String> export(
      Task task, BuildResult result, BuildScope scope, StepTransfers progress)
      throws InterruptedException {
    var context =
        new ExportContext(
            scope.session().outputs(), task.index(), progress, scope.session().credentials());
    return task.dated(result).run(result, context);
  }

  private Exporter exporter(String type) {
    for (Exporter exporter : engine.exporters()) {
      if (exporter.type().equals(type)) {
        return exporter;
      }
    }
    var known = engine.exporters().stream().map(Exporter::type).sorted().toList();
    throw new BuildException(
        Code.INVALID,
        "unknown exporter type '" + type + "'; known are " + String.join(", ", known));
  }
}
