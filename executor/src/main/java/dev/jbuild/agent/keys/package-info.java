/** An ssh agent over key files: enough of the protocol to list keys and sign with them. */
@NullMarked
package dev.jbuild.agent.keys;

import org.jspecify.annotations.NullMarked;
