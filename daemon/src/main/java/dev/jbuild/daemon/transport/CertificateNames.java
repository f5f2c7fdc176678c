package dev.jbuild.daemon.transport;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** Names that a certificate is issued for. Source: RFC 5280, sections 4.1.2.6 and 4.2.1.6. */
final class CertificateNames {
  /** Kinds of names that are texts: e-mail, DNS, URI, IP address. */
  private static final List<Integer> TEXTS = List.of(1, 2, 6, 7);

  private CertificateNames() {}

  /** Subject alternative names, then the subject's common name. */
  static List<String> of(X509Certificate certificate) {
    var names = new ArrayList<String>();
    try {
      var alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> alternative : alternatives) {
          if (alternative.get(0) instanceof Integer kind
              && TEXTS.contains(kind)
              && alternative.get(1) instanceof String name) {
            names.add(name);
          }
        }
      }
      var subject = new LdapName(certificate.getSubjectX500Principal().getName());
      for (Rdn part : subject.getRdns()) {
        if (part.getType().equalsIgnoreCase("CN") && part.getValue() instanceof String name) {
          names.add(name);
        }
      }
    } catch (CertificateParsingException | InvalidNameException e) {
      System.getLogger(CertificateNames.class.getName())
          .log(System.Logger.Level.WARNING, "a client's certificate has names that are damaged", e);
    }
    return names;
  }
}
