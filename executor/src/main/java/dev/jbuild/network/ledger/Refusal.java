package dev.jbuild.network.ledger;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a step was kept from. Equal attempts are one entry.
 *
 * @param address null when it was a name that was not looked up
 * @param port 0 where there is none
 * @param name of the address, or empty
 * @param rule why, in words: {@code deny=*}, {@code the host}, {@code another step}, {@code
 *     link-local and metadata addresses}, {@code private addresses}
 * @param egress whether the rule is one of the egress rules
 * @param count how many packets or lookups
 */
public record Refusal(
    Protocol protocol,
    @Nullable InetAddress address,
    int port,
    String name,
    String rule,
    boolean egress,
    int count) {}
