package dev.jbuild.solver.cache.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.StringDataType;

/** A short list of texts: their number, then each as H2 writes it. */
final class NamesType extends BasicDataType<List<String>> {
  private static final int NAME_MEMORY = 180;

  @Override
  public int getMemory(List<String> names) {
    return NAME_MEMORY * (1 + names.size());
  }

  @Override
  public void write(WriteBuffer buffer, List<String> names) {
    buffer.putVarInt(names.size());
    names.forEach(name -> StringDataType.INSTANCE.write(buffer, name));
  }

  @Override
  public List<String> read(ByteBuffer buffer) {
    int count = DataUtils.readVarInt(buffer);
    if (count < 0 || count > buffer.remaining()) {
      throw new IllegalStateException("cache aliases: a count of " + count + " is too much");
    }
    var names = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      names.add(StringDataType.INSTANCE.read(buffer));
    }
    return List.copyOf(names);
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type cannot be made typed
  public List<String>[] createStorage(int size) {
    return new List[size];
  }
}
