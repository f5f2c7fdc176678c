package dev.jbuild.registry;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Gives user {@code u} with password {@code p} tokens, as an answer to every request. Remembers the
 * scopes that each request asked for.
 */
final class TokenServer implements TestRegistry.Trick {
  static final String SERVICE = "test registry";
  static final String ISSUER = "test issuer";
  private static final String FORBIDDEN = "forbidden";

  final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final Function<List<String>, String> minted;
  private volatile UnaryOperator<String> rule = scope -> scope;

  /**
   * @param minted the token for scopes
   */
  TokenServer(Function<List<String>, String> minted) {
    this.minted = minted;
  }

  /** From now on this is given where that scope is asked for; empty for nothing. */
  void gives(String scope, String instead) {
    rule = each -> each.equals(scope) ? instead : each;
  }

  /** From now on whoever asks for this scope gets no token. */
  void forbids(String scope) {
    gives(scope, FORBIDDEN);
  }

  @Override
  public boolean answer(HttpExchange exchange) throws IOException {
    String given =
        exchange.getRequestHeaders().getOrDefault("Authorization", List.of("")).getFirst();
    if (!given.equals("Basic dTpw")) {
      return TestRegistry.failing(401, "UNAUTHORIZED", "who are you").answer(exchange);
    }
    var scopes = new ArrayList<String>();
    for (String pair : exchange.getRequestURI().getRawQuery().split("&", -1)) {
      if (pair.startsWith("scope=")) {
        scopes.add(URLDecoder.decode(pair.substring(6), StandardCharsets.UTF_8));
      }
    }
    asked.add(String.join(" ", scopes));
    List<String> granted = scopes.stream().map(rule).filter(scope -> !scope.isEmpty()).toList();
    if (granted.contains(FORBIDDEN)) {
      return TestRegistry.failing(403, "DENIED", "not you").answer(exchange);
    }
    byte[] json =
        "{\"token\":\"%s\"}".formatted(minted.apply(granted)).getBytes(StandardCharsets.UTF_8);
    return TestRegistry.send(exchange, 200, "application/json", json);
  }

  /** Signs tokens. Source: distribution's "Token Authentication Implementation". */
  static Function<List<String>, String> signing(SelfMadeCertificate certificate) {
    return scopes -> {
      try {
        return signed(certificate, scopes);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    };
  }

  private static String signed(SelfMadeCertificate certificate, List<String> scopes)
      throws GeneralSecurityException {
    String der = Base64.getEncoder().encodeToString(certificate.certificate().getEncoded());
    String head = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"" + der + "\"]}";
    long now = Instant.now().getEpochSecond();
    String access = scopes.stream().map(TokenServer::access).collect(Collectors.joining(","));
    String claims =
        "{\"iss\":\"%s\",\"sub\":\"u\",\"aud\":\"%s\",\"nbf\":%d,\"iat\":%d,\"exp\":%d,\"jti\":\"1\",\"access\":[%s]}"
            .formatted(ISSUER, SERVICE, now - 60, now, now + 600, access);
    String text = base64(head) + "." + base64(claims);
    var signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(certificate.key());
    signature.update(text.getBytes(StandardCharsets.US_ASCII));
    return text + "." + base64(signature.sign());
  }

  private static String access(String scope) {
    String[] parts = scope.split(":", 3);
    return "{\"type\":\"%s\",\"name\":\"%s\",\"actions\":[\"%s\"]}"
        .formatted(parts[0], parts[1], parts[2].replace(",", "\",\""));
  }

  private static String base64(String text) {
    return base64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
