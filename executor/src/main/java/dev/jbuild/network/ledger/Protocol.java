package dev.jbuild.network.ledger;

/** What a ledger tells apart. */
public enum Protocol {
  TCP,
  UDP,
  ICMP,
  OTHER
}
