package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportTest {

  @ParameterizedTest
  @CsvSource({
    "https://r.example/v2/, https://r.example/upload, true",
    "https://r.example/v2/, https://r.example:443/upload, true",
    "https://r.example:443/v2/, https://r.example/upload, true",
    "https://r.example/v2/, HTTPS://R.Example/upload, true",
    "https://R.Example:5000/v2/, https://r.example:5000/upload, true",
    "http://r.example/v2/, http://r.example:80/upload, true",
    "http://[::1]:5000/v2/, http://[::1]:5000/upload, true",
    "https://r.example/v2/, https://other.example/upload, false",
    "https://r.example/v2/, https://r.example.evil.example/upload, false",
    "https://r.example/v2/, https://r.example@evil.example/upload, false",
    "https://r.example/v2/, https://upload.r.example/upload, false",
    "https://r.example/v2/, https://r.example:80/upload, false",
    "https://r.example:5000/v2/, https://r.example/upload, false",
    "https://r.example/v2/, http://r.example/upload, false",
    "https://r.example:5000/v2/, http://r.example:5000/upload, false",
    "http://r.example:443/v2/, https://r.example/upload, false",
    "http://localhost:5000/v2/, http://127.0.0.1:5000/upload, false",
    "https://r.example/v2/, mailto:r.example, false",
  })
  void onlyTheSameServerGetsTheLogin(String own, String url, boolean same) {
    assertEquals(same, Transport.sameHost(URI.create(own), URI.create(url)));
  }
}
