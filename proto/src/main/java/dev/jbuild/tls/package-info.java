/** Certificates and keys from PEM files, for servers and clients alike. */
@NullMarked
package dev.jbuild.tls;

import org.jspecify.annotations.NullMarked;
