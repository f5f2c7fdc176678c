/**
 * Single blobs by digest, each as a file: {@code docker-image+blob://}, {@code oci-layout+blob://}.
 */
@NullMarked
package dev.jbuild.source.blob;

import org.jspecify.annotations.NullMarked;
