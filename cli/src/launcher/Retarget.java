import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites the classes of old jars for Java 17, with stack maps. The ahead-of-time cache takes only
 * classes that the new verifier accepts; picocli's jar holds classes for Java 5, and starting from
 * them costs 100 ms more. Run once by the launcher after a build: {@code java Retarget.java JAR...}
 */
final class Retarget {
  private static final int TARGET = ClassFile.JAVA_17_VERSION;

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      retarget(Path.of(jar));
    }
  }

  private static void retarget(Path jar) throws IOException {
    Path early = jar.resolveSibling(jar.getFileName() + ".new");
    try (var in = new ZipFile(jar.toFile());
        var out = new ZipOutputStream(Files.newOutputStream(early))) {
      var classes =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.DeadCodeOption.KEEP_DEAD_CODE,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(name -> stream(in, name))
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (var entry : in.stream().toList()) {
        byte[] bytes = in.getInputStream(entry).readAllBytes();
        boolean module = entry.getName().endsWith("module-info.class");
        if (entry.getName().endsWith(".class") && !module) {
          bytes = rewritten(classes, bytes);
        }
        var copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        out.write(bytes);
        out.closeEntry();
      }
    }
    Files.move(early, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static InputStream stream(ZipFile jar, ClassDesc name) {
    String descriptor = name.descriptorString();
    var entry = jar.getEntry(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return entry == null ? null : jar.getInputStream(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] rewritten(ClassFile classes, byte[] bytes) {
    var model = classes.parse(bytes);
    if (model.majorVersion() >= TARGET) {
      return bytes;
    }
    var version = ClassFileVersion.of(TARGET, 0);
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof ClassFileVersion) {
            builder.with(version);
          } else if (element instanceof MethodModel method) {
            // Code is taken apart and put together again, which computes its stack maps.
            builder.transformMethod(method,
                MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
          } else {
            builder.with(element);
          }
        };
    return classes.transformClass(model, transform);
  }
}
