package dev.jbuild.tidy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * What TidyTest looks at in one source file.
 *
 * @param names qualified names that the file imports or spells out
 * @param methods length in lines by {@code Class.method}
 * @param types simple names of the types it declares
 * @param wildcards its wildcard imports
 */
record SourceFile(
    String path,
    String packageName,
    int lines,
    Set<String> names,
    Map<String, Integer> methods,
    List<String> types,
    List<String> wildcards,
    String text) {

  static SourceFile read(Path root, Path file) throws IOException {
    return parse(root.relativize(file).toString(), Files.readString(file));
  }

  static SourceFile parse(String path, String text) throws IOException {
    var source =
        new SimpleJavaFileObject(URI.create("string:///X.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        };
    var compiler = ToolProvider.getSystemJavaCompiler();
    var task =
        (JavacTask)
            compiler.getTask(null, null, diagnostic -> {}, List.of(), null, List.of(source));
    CompilationUnitTree unit = task.parse().iterator().next();
    var visitor = new Visitor(unit, Trees.instance(task).getSourcePositions());
    visitor.scan(unit, null);
    String packageName = unit.getPackageName() == null ? "" : unit.getPackageName().toString();
    return new SourceFile(
        path,
        packageName,
        (int) text.lines().count(),
        visitor.names,
        visitor.methods,
        visitor.types,
        visitor.wildcards,
        text);
  }

  private static final class Visitor extends TreeScanner<@Nullable Void, @Nullable Void> {
    private static final Pattern QUALIFIED = Pattern.compile("[\\w.]+");

    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Set<String> names = new TreeSet<>();
    private final TreeMap<String, Integer> methods = new TreeMap<>();
    private final List<String> types = new ArrayList<>();
    private final List<String> wildcards = new ArrayList<>();

    Visitor(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    @Override
    public @Nullable Void visitPackage(PackageTree node, @Nullable Void nothing) {
      return null;
    }

    @Override
    public @Nullable Void visitImport(ImportTree node, @Nullable Void nothing) {
      String name = node.getQualifiedIdentifier().toString();
      if (name.endsWith(".*")) {
        wildcards.add(name);
      }
      names.add(name);
      return null;
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree node, @Nullable Void nothing) {
      String name = node.toString();
      names.add(name);
      return QUALIFIED.matcher(name).matches() ? null : super.visitMemberSelect(node, null);
    }

    @Override
    public @Nullable Void visitClass(ClassTree node, @Nullable Void nothing) {
      types.add(node.getSimpleName().toString());
      return super.visitClass(node, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree node, @Nullable Void nothing) {
      long start = positions.getStartPosition(unit, node);
      long end = positions.getEndPosition(unit, node);
      if (start >= 0 && end >= start) {
        var lines = unit.getLineMap();
        int length = (int) (lines.getLineNumber(end) - lines.getLineNumber(start)) + 1;
        String owner = types.isEmpty() ? "" : types.getLast();
        methods.merge(owner + "." + node.getName(), length, Math::max);
      }
      return super.visitMethod(node, null);
    }
  }
}
