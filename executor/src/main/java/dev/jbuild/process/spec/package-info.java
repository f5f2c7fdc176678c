/** OCI runtime-spec values and their JSON; default capabilities, paths and seccomp profile. */
@NullMarked
package dev.jbuild.process.spec;

import org.jspecify.annotations.NullMarked;
