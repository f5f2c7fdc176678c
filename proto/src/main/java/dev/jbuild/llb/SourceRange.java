package dev.jbuild.llb;

/** Lines 1-based, characters 0-based, end line inclusive, end character exclusive. */
public record SourceRange(int startLine, int startCharacter, int endLine, int endCharacter) {}
