package dev.jbuild.cli.progress;

/** Shows nothing: the command prints only its result. */
public final class QuietRenderer implements Renderer {
  @Override
  public void begin(String title) {}

  @Override
  public void end(Timeline timeline) {}
}
