package dev.jbuild.source.git;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.source.SourceRequest;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a build asks of a repository, checked: nothing of it can be taken for an option by git.
 * Source: wire facts, "SourceOp", {@code git}.
 *
 * @param url with its transport
 * @param ref branch, tag, {@code refs/...} or commit; empty for the usual branch
 * @param subdir below the root, or empty
 * @param checksum what the commit begins with, or empty
 * @param commitTime whether files get the time of the commit
 */
record GitRequest(
    String url,
    String ref,
    String subdir,
    String checksum,
    boolean keepGitDirectory,
    boolean submodules,
    boolean commitTime) {
  private static final Pattern REF =
      Pattern.compile("[^\\s\\p{Cntrl}~^:?*\\[\\\\-][^\\s\\p{Cntrl}~^:?*\\[\\\\]*");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final Pattern CHECKSUM = Pattern.compile("[0-9a-f]{7,64}");
  private static final Pattern SCP =
      Pattern.compile("[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^\\s\\p{Cntrl}]+");
  private static final Pattern URL =
      Pattern.compile("(https?|git|ssh)://[A-Za-z0-9_.@:%\\[\\]-]+(/[^\\s\\p{Cntrl}]*)?");

  static GitRequest of(SourceRequest request) {
    String identifier = request.identifier();
    int hash = identifier.indexOf('#');
    String fragment = hash < 0 ? "" : identifier.substring(hash + 1);
    int colon = fragment.indexOf(':');
    String url = request.attrs().getOrDefault("git.fullurl", "");
    if (url.isEmpty()) {
      url = hash < 0 ? identifier : identifier.substring(0, hash);
    }
    boolean wellFormed = URL.matcher(url).matches() || SCP.matcher(url).matches();
    if (!wellFormed || url.contains("://-")) {
      throw invalid("git url '" + url + "': want https, http, ssh, git or user@host:path");
    }
    String ref = colon < 0 ? fragment : fragment.substring(0, colon);
    if (!ref.isEmpty() && (!REF.matcher(ref).matches() || ref.contains(".."))) {
      throw invalid("git ref '" + ref + "': no branch, tag or commit can have that name");
    }
    String subdir = colon < 0 ? "" : fragment.substring(colon + 1).replaceAll("^/+|/+$", "");
    if (List.of(subdir.split("/", -1)).contains("..")) {
      throw invalid("git directory '" + subdir + "' leads out of the repository");
    }
    String checksum = request.attrs().getOrDefault("git.checksum", "");
    if (!checksum.isEmpty() && !CHECKSUM.matcher(checksum).matches()) {
      throw invalid(
          "git checksum '" + checksum + "': want a commit, or at least its first 7 hex digits");
    }
    boolean byCommit = flag(request, "git.fetchbycommit") && isCommit(checksum);
    return new GitRequest(
        url,
        byCommit ? checksum : ref,
        subdir,
        checksum,
        flag(request, "git.keepgitdir"),
        !flag(request, "git.skipsubmodules"),
        request.attrs().getOrDefault("git.mtime", "").equals("commit"));
  }

  private static boolean flag(SourceRequest request, String attr) {
    return request.attrs().getOrDefault(attr, "").equals("true");
  }

  private static BuildException invalid(String text) {
    return new BuildException(Code.INVALID, text);
  }

  /** Whether the ref says the commit by itself. */
  boolean namesCommit() {
    return isCommit(ref);
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** Key of the layer with these files of a commit; wherever the repository is. */
  Digest key(String commit) {
    String kept = keepGitDirectory ? url : "";
    return Bytes.utf8(
            String.join(
                "\0",
                "jbuild.git.v1",
                commit,
                kept,
                subdir,
                Boolean.toString(submodules),
                Boolean.toString(commitTime)))
        .digest();
  }

  /** Host of the URL, with the port. */
  String host() {
    int scheme = url.indexOf("://");
    String rest = scheme < 0 ? url : url.substring(scheme + 3);
    int end = rest.indexOf(scheme < 0 ? ':' : '/');
    String authority = end < 0 ? rest : rest.substring(0, end);
    return authority.substring(authority.lastIndexOf('@') + 1);
  }

  /** The URL for people: without a password. */
  String shown() {
    return url.replaceFirst("://[^/@]*@", "://");
  }
}
