/** Tests of the build domain, and the toy engine they run on. */
package dev.jbuild.daemon.build;
