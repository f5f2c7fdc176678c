package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Suggestion;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.lint.Rule;
import dev.jbuild.dockerfile.shell.Expansion;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Image and platform of FROM, expanded, with what is to be remarked about them. */
final class FromWords {
  private static final String TARGET = "TARGETPLATFORM";

  private final Words words;
  private final GlobalScope scope;
  private final @Nullable GlobalScope defaults;
  private final Platform target;

  /**
   * @param defaults the scope as it is without any build argument; null when there is none
   */
  FromWords(Words words, GlobalScope scope, @Nullable GlobalScope defaults, Platform target) {
    this.words = words;
    this.scope = scope;
    this.defaults = defaults;
    this.target = target;
  }

  /** The name of the image or stage, never empty. */
  String image(Instruction.From from) {
    Word image = from.image();
    String name = expand(image).text();
    remarkDefault(image);
    if (name.isEmpty()) {
      throw words.file().error(image.range(), "the base image '" + image.text() + "' is empty");
    }
    return name;
  }

  private void remarkDefault(Word image) {
    GlobalScope usual = defaults;
    if (usual == null || image.text().indexOf('$') < 0) {
      return;
    }
    String name = words.expandQuietly(image, usual).text();
    try {
      ImageRef.parse(name);
    } catch (IllegalArgumentException e) {
      words.remark(
          Rule.INVALID_DEFAULT_ARG_IN_FROM,
          image.range(),
          "without build arguments '" + image.text() + "' is '" + name + "', which is no image");
    }
  }

  /** The platform of {@code --platform}; null when it is not given. */
  @Nullable Platform platform(Instruction.From from) {
    Word word = from.platform();
    if (word == null) {
      return null;
    }
    Expansion expansion = expand(word);
    String text = expansion.text();
    if (text.isEmpty()) {
      throw words.file().error(word.range(), "the platform '" + word.text() + "' is empty");
    }
    Platform platform;
    try {
      platform = Platform.parse(text, target);
    } catch (IllegalArgumentException e) {
      throw words.file().error(word.range(), String.valueOf(e.getMessage()));
    }
    remarkPlatform(word, expansion, platform, from.stageName());
    return platform;
  }

  private void remarkPlatform(
      Word word, Expansion expansion, Platform platform, @Nullable String stage) {
    boolean onlyTarget = expansion.used().equals(Set.of(TARGET)) && expansion.unset().isEmpty();
    if (onlyTarget && expansion.text().equals(scope.value(TARGET))) {
      words.remark(
          Rule.REDUNDANT_TARGET_PLATFORM,
          word.range(),
          "--platform=" + word.text() + " says what holds anyway");
    }
    boolean named =
        stage != null && (stage.contains(platform.os()) || stage.contains(platform.architecture()));
    if (word.text().indexOf('$') < 0 && !named) {
      words.remark(
          Rule.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
          word.range(),
          "--platform should not be fixed to '" + word.text() + "'");
    }
  }

  private Expansion expand(Word word) {
    Expansion expansion = words.expandQuietly(word, scope);
    for (String unset : expansion.unset()) {
      words.remark(
          Rule.UNDEFINED_ARG_IN_FROM,
          word.range(),
          "'$"
              + unset
              + "' is not declared before the first FROM"
              + Suggestion.of(unset, scope.names()));
    }
    return expansion;
  }
}
