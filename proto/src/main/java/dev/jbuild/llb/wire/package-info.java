/**
 * LLB between bytes and records. The received bytes of each op are kept, since its digest is taken
 * over them; wire types go no further than here and the gRPC edge.
 */
@NullMarked
package dev.jbuild.llb.wire;

import org.jspecify.annotations.NullMarked;
