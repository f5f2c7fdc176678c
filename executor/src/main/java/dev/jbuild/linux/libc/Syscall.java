package dev.jbuild.linux.libc;

/**
 * System calls with their numbers on both machines. Source: the kernel's {@code
 * arch/x86/entry/syscalls/syscall_64.tbl} and {@code include/uapi/asm-generic/unistd.h} (arm64);
 * from 424 on all machines agree.
 */
enum Syscall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  IOCTL(16, 29),
  SENDFILE(40, 71),
  SOCKET(41, 198),
  SENDTO(44, 206),
  RECVFROM(45, 207),
  BIND(49, 200),
  SETSOCKOPT(54, 208),
  KILL(62, 129),
  GETPID(39, 172),
  EXIT_GROUP(231, 94),
  GETEUID(107, 175),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  LSETXATTR(189, 6),
  LGETXATTR(192, 9),
  LLISTXATTR(195, 12),
  LREMOVEXATTR(198, 15),
  OPENAT(257, 56),
  MKNODAT(259, 33),
  FCHOWNAT(260, 54),
  LINKAT(265, 37),
  FCHMODAT(268, 53),
  UNSHARE(272, 97),
  UTIMENSAT(280, 88),
  PRLIMIT64(302, 261),
  SYNCFS(306, 267),
  SETNS(308, 268),
  RENAMEAT2(316, 276),
  BPF(321, 280),
  COPY_FILE_RANGE(326, 285),
  STATX(332, 291),
  MOVE_MOUNT(429, 429),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  OPENAT2(437, 437),
  FCHMODAT2(452, 452),
  LSM_LIST_MODULES(461, 461);

  private final int number;

  Syscall(int onX86, int onArm64) {
    this.number = Machine.ARM64 ? onArm64 : onX86;
  }

  int number() {
    return number;
  }
}
