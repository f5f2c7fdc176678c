package dev.jbuild.linux.netlink;

import java.util.List;

/**
 * Writes changes of the elements of sets and maps in tables of family {@code inet}, as one
 * transaction: all of them or none. Source: nft(8) and the kernel's {@code
 * linux/netfilter/nf_tables.h}, {@code nfnetlink.h}. Used by one thread.
 */
public final class SetBatch {
  static final int NEWSETELEM = 10 << 8 | 12;
  static final int HEADER_BYTES = 4;
  static final int LIST_ELEMENTS = 3;

  private static final int BATCH_BEGIN = 16;
  private static final int BATCH_END = 17;
  private static final int GETSETELEM = 10 << 8 | 13;
  private static final int DELSETELEM = 10 << 8 | 14;
  private static final int SUBSYSTEM = 10;
  private static final int FAMILY_INET = 1;
  private static final int CREATE = 0x400;
  private static final int LIST_TABLE = 1;
  private static final int LIST_SET = 2;
  private static final int ELEMENT = 1;

  private final Batch batch = new Batch();
  private final String table;

  /** Changes for the sets of one table. */
  public SetBatch(String table) {
    this.table = table;
    batch.silent(BATCH_BEGIN, "change sets of " + table);
    batch.u8(0).u8(0).u16(Short.toUnsignedInt(Short.reverseBytes((short) SUBSYSTEM)));
  }

  /**
   * Adds elements. One that is there already stays as it is, also its timeout; where its data are
   * others the transaction fails.
   *
   * @param elements few: one message takes about 100
   */
  public SetBatch add(String set, List<SetElement> elements) {
    return change(NEWSETELEM, CREATE, "add to set " + set, set, elements);
  }

  /** Takes elements away; the transaction fails with ENOENT when one is not there. */
  public SetBatch delete(String set, List<SetElement> elements) {
    return change(DELSETELEM, 0, "take from set " + set, set, elements);
  }

  private SetBatch change(
      int type, int flags, String purpose, String set, List<SetElement> elements) {
    batch.message(type, flags, purpose);
    batch.u8(FAMILY_INET).u8(0).u16(0).text(LIST_TABLE, table).text(LIST_SET, set);
    int list = batch.begin(LIST_ELEMENTS);
    for (var element : elements) {
      int one = batch.begin(ELEMENT);
      element.write(batch);
      batch.end(one);
    }
    batch.end(list);
    return this;
  }

  /** The whole transaction, for {@link Netlink#exchange}; nothing is added behind it. */
  public Batch batch() {
    batch.silent(BATCH_END, "change sets of " + table);
    batch.u8(0).u8(0).u16(Short.toUnsignedInt(Short.reverseBytes((short) SUBSYSTEM)));
    return batch;
  }

  /** Asks for all elements of a set, for {@link Netlink#dump} and {@link SetElement#read}. */
  public static Batch list(String table, String set) {
    var batch = new Batch().message(GETSETELEM, Netlink.DUMP, "list set " + set);
    return batch.u8(FAMILY_INET).u8(0).u16(0).text(LIST_TABLE, table).text(LIST_SET, set);
  }
}
