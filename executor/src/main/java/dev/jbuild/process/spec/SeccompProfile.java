package dev.jbuild.process.spec;

import java.util.List;

/**
 * A system call filter; what no rule names fails with {@code defaultErrno}. Source: OCI
 * runtime-spec, config-linux.md, "Seccomp".
 *
 * @param architectures {@code SCMP_ARCH_X86_64}, ..., the machine's own first
 */
public record SeccompProfile(int defaultErrno, List<String> architectures, List<Rule> rules) {

  public SeccompProfile {
    architectures = List.copyOf(architectures);
    rules = List.copyOf(rules);
  }

  /**
   * Calls with the same fate when all conditions hold.
   *
   * @param errno 0 allows, another fails the call with it
   */
  public record Rule(List<String> names, int errno, List<Condition> conditions) {
    public Rule {
      names = List.copyOf(names);
      conditions = List.copyOf(conditions);
    }

    static Rule allow(List<String> names) {
      return new Rule(names, 0, List.of());
    }

    static Rule allowWhen(String name, int argument, Comparison comparison, long value) {
      return new Rule(List.of(name), 0, List.of(new Condition(argument, comparison, value, 0)));
    }
  }

  /**
   * A test of one argument, 0 to 5.
   *
   * @param value the value; for {@link Comparison#MASKED_EQUAL} the mask
   * @param second for {@link Comparison#MASKED_EQUAL} what the masked argument must be
   */
  public record Condition(int argument, Comparison comparison, long value, long second) {}

  /** Comparisons with their names in the specification and libseccomp's numbers. */
  public enum Comparison {
    LESS("SCMP_CMP_LT", 2),
    EQUAL("SCMP_CMP_EQ", 4),
    MASKED_EQUAL("SCMP_CMP_MASKED_EQ", 7);

    private final String specName;
    private final int number;

    Comparison(String specName, int number) {
      this.specName = specName;
      this.number = number;
    }

    public String specName() {
      return specName;
    }

    /** {@code enum scmp_compare} of seccomp.h. */
    public int number() {
      return number;
    }
  }
}
