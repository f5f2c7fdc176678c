/**
 * The default network: a namespace of the step's own behind a bridge of ours, with NAT to the
 * outside and no way to the host or to other steps.
 */
@NullMarked
package dev.jbuild.network.bridge;

import org.jspecify.annotations.NullMarked;
