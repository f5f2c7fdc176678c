package dev.jbuild.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Programs and maps inside the kernel, and the control groups (version 2) that programs are
 * attached to. Errors are {@link ErrnoException}. Safe for use by several threads. Source: bpf(2),
 * the kernel's {@code include/uapi/linux/bpf.h}.
 */
public interface BpfKernel {

  /** {@code BPF_MAP_TYPE_HASH}. */
  int MAP_HASH = 1;

  /** {@code BPF_MAP_TYPE_LRU_HASH}: a full one forgets what was not used for longest. */
  int MAP_LRU_HASH = 9;

  /** {@code BPF_F_NO_PREALLOC}: memory is taken only for the entries that are there. */
  int MAP_NO_PREALLOC = 1;

  /**
   * Makes a map. The caller closes it.
   *
   * @param type {@link #MAP_HASH} or {@link #MAP_LRU_HASH}
   * @param name up to 15 letters, digits and underscores
   * @param flags 0 or {@link #MAP_NO_PREALLOC}
   */
  BpfMap createMap(int type, String name, int keyBytes, int valueBytes, int maxEntries, int flags)
      throws IOException;

  /**
   * Reads an entry.
   *
   * @param value filled when the entry is there
   * @return whether it is
   */
  boolean lookUp(BpfMap map, byte[] key, byte[] value) throws IOException;

  /** Sets an entry, new or not. */
  void update(BpfMap map, byte[] key, byte[] value) throws IOException;

  /** Removes an entry; whether it was there. */
  boolean delete(BpfMap map, byte[] key) throws IOException;

  /**
   * All entries of a hash map, each key with its value behind it. Entries that come or go meanwhile
   * may be missed.
   */
  List<byte[]> entries(BpfMap map) throws IOException;

  /** Removes entries; those that are not there are passed over. */
  void deleteAll(BpfMap map, List<byte[]> keys) throws IOException;

  /** Has the kernel check and take a program; a refusal carries its words. The caller closes it. */
  Descriptor load(BpfProgram program) throws IOException;

  /**
   * Attaches a program to a group and all below it, beside what others attached. Closing what is
   * returned, or the end of this process, detaches it.
   *
   * @param attachType the program's
   */
  Descriptor attach(Descriptor program, Descriptor group, int attachType) throws IOException;

  /** Opens a group's directory. The caller closes it. */
  Descriptor openGroup(Path directory) throws IOException;

  /**
   * The whole hierarchy of version 2 as a mount that is nowhere in the tree: its directory is the
   * descriptor's path. It goes with the descriptor, which the caller closes.
   */
  Descriptor mountGroups() throws IOException;

  /**
   * Whether the kernel asks a security module.
   *
   * @param id {@code LSM_ID_...}
   * @throws ErrnoException ENOSYS before Linux 6.8
   */
  boolean securityModule(long id) throws IOException;

  /**
   * A map.
   *
   * @param descriptor closing it removes the map once no program uses it
   */
  record BpfMap(Descriptor descriptor, String name, int keyBytes, int valueBytes, int maxEntries)
      implements AutoCloseable {
    @Override
    public void close() {
      descriptor.close();
    }
  }
}
