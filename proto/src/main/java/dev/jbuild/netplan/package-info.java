/** What a build says about its network, as values that client, daemon and executor share. */
@NullMarked
package dev.jbuild.netplan;

import org.jspecify.annotations.NullMarked;
