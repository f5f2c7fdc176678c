/** Directory trees and files between client and daemon, as packets of the public protocol. */
@NullMarked
package dev.jbuild.daemon.session.sync;

import org.jspecify.annotations.NullMarked;
