package dev.jbuild.daemon.storage;

import dev.jbuild.cachemount.DiskUse;
import dev.jbuild.source.git.GitRepositories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Repositories that were fetched. A fetch changes the directory: that is its last use. */
record GitHolding(GitRepositories repositories) implements Holding {

  @Override
  public List<UsageRecord> records(UseLog.Scan scan) throws IOException {
    var records = new ArrayList<UsageRecord>();
    for (Path repository : repositories.all()) {
      String name = String.valueOf(repository.getFileName());
      Instant changed = Files.getLastModifiedTime(repository).toInstant();
      records.add(
          new UsageRecord(
              name,
              UsageRecord.Type.GIT_CHECKOUT,
              "git repository",
              DiskUse.of(repository),
              changed,
              changed,
              1,
              List.of(),
              repositories.isUsed(name),
              false,
              true));
    }
    return records;
  }

  @Override
  public boolean remove(UsageRecord record, UseLog.Scan scan) throws IOException {
    return repositories.remove(record.id());
  }
}
