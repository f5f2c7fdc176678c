# Shared by ./jbuild and ./jbuildd, which set `program` (for messages), `main` (class), `options`
# (flags of the virtual machine), `light` (yes: it needs neither engine nor network), `engine` (yes:
# it may mount, so it gets its own mounts), `named` (a flag that tells by which name it was called,
# or nothing) and `home` (the repository's top). Only POSIX sh; as few processes as possible, they cost more than
# all else here.

target=$home/cli/target
lib=$target/lib

fail() {
  printf '%s: %s\n' "$program" "$1" >&2
  exit 69
}

# Whether a JDK of version 25 or later is at $1; reads its `release` file, starts nothing.
recent() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value#\"}
      value=${value%%[!0-9]*}
      [ -n "$value" ] && [ "$value" -ge 25 ]
      return
    fi
  done <"$1/release"
  return 1
}

# Sets `jdk`.
find_jdk() {
  if [ -n "${JAVA_HOME:-}" ] && recent "$JAVA_HOME"; then
    jdk=$JAVA_HOME
    return
  fi
  for jdk in /usr/lib/jvm/*; do
    recent "$jdk" && return
  done
  found=$(command -v java) && found=$(readlink -f "$found") && jdk=${found%/bin/java} \
    && recent "$jdk" && return
  fail "no JDK 25 or later was found: looked at JAVA_HOME, /usr/lib/jvm and PATH; install one, for example with 'apt-get install openjdk-25-jdk-headless', or set JAVA_HOME"
}

# The class path, own jars first so that few others are opened, and whether a jar is newer than $1.
class_path() {
  cp=
  newer=
  for jar in "$target"/jbuild-cli-*.jar "$lib"/jbuild-*.jar "$lib"/[!j]*.jar "$lib"/j[!b]*.jar; do
    [ -e "$jar" ] || continue
    cp=$cp:$jar
    [ "$jar" -nt "$1" ] && newer=yes
  done
  cp=${cp#:}
}

stale() {
  [ -e "$target/built" ] || return 0
  # A tree without its sources is used as it is.
  [ -d "$home/cli/src" ] || return 1
  [ -n "$(find "$home"/pom.xml "$home"/*/pom.xml "$home"/*/src/main -newer "$target/built" -print -quit 2>/dev/null)" ]
}

build() {
  mkdir -p "$target" || fail "'$target' can not be made"
  (
    # Two first starts at once build once.
    command -v flock >/dev/null && exec 9>"$target/launch.lock" && flock 9
    stale || exit 0
    command -v mvn >/dev/null ||
      fail "it is not built yet and Maven is missing: install it, for example with 'apt-get install maven'"
    printf '%s: building (once, takes a minute)\n' "$program" >&2
    stamp=$(mktemp "$target/stamp.XXXXXX")
    if ! (cd "$home" && JAVA_HOME= mvn -q -B -ntp -Dstyle.color=never -Dmaven.test.skip=true package) >&2; then
      rm -f "$stamp"
      fail "the build failed; see above"
    fi
    "$jdk/bin/java" "$home/cli/src/launcher/Retarget.java" "$lib"/picocli-*.jar >&2 ||
      rm -f "$lib"/*.new
    mv "$stamp" "$target/built"
  ) || exit 69
  train
}

# Makes the ahead-of-time cache from a run that loads what commands need; without it all works,
# only slower.
train() {
  (
    command -v flock >/dev/null && exec 9>"$target/launch.lock" && flock 9
    class_path "$cache"
    [ -e "$cache" ] && [ -z "$newer" ] && exit 0
    rm -f "$cache"
    early=$cache.$$
    # shellcheck disable=SC2086
    timeout 120 "$jdk/bin/java" $common -XX:AOTCacheOutput="$early" -cp "$cp" \
      dev.jbuild.cli.TrainingRun >"$target/training.log" 2>&1
    if [ -s "$early" ]; then
      mv "$early" "$cache"
    else
      # An empty file that is newer than the jars: it is not tried again for these.
      : >"$cache"
    fi
  ) 2>/dev/null || :
}

LC_ALL=C.UTF-8
export LC_ALL
common='-XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow'
# Nobody reads performance counters, flight recordings or traces of leaks, and all cost time.
common="$common -XX:-UsePerfData -Dio.netty.jfr.enabled=false -Dio.netty.leakDetection.level=disabled"
logging=-Djava.util.logging.config.file=$home/cli/src/launcher/$program.logging.properties
find_jdk
cache=$target/jbuild.aot
stale && build
if [ "$light" = yes ]; then
  # Nothing but own classes is needed: the virtual machine's own archive starts fastest.
  own=
  for jar in "$target"/jbuild-cli-*.jar "$lib"/jbuild-*.jar; do
    own=$own:$jar
  done
  exec "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData ${named:-} -cp "${own#:}" "$main" "$@"
fi
class_path "$cache"
if [ ! -e "$cache" ] || [ -n "$newer" ]; then
  train
fi
aot=
[ -s "$cache" ] && aot="-XX:AOTCache=$cache -XX:AOTMode=auto -Xlog:disable -Xlog:all=off"

if [ "$engine" = yes ] && [ "$(id -u)" = 0 ] && command -v unshare >/dev/null &&
  unshare --mount --propagation slave true 2>/dev/null; then
  # What is mounted for steps ends with this process. crun refuses version 1 and 2 of the control
  # groups side by side, so the second is hidden where both are.
  # shellcheck disable=SC2086
  exec unshare --mount --propagation slave sh -c '
    if [ -e /sys/fs/cgroup/unified/cgroup.controllers ]; then
      umount /sys/fs/cgroup/unified 2>/dev/null || :
    fi
    exec "$@"' sh "$jdk/bin/java" $common $options ${named:-} "$logging" $aot -cp "$cp" "$main" "$@"
fi
# shellcheck disable=SC2086
exec "$jdk/bin/java" $common $options ${named:-} "$logging" $aot -cp "$cp" "$main" "$@"
