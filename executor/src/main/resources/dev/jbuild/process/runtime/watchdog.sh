# Cleans up after a jbuild process that is gone: kills its steps, takes away their mounts, control
# groups and control files. POSIX sh.
#
# $1 run directory, $2 prefix of the groups' names, $3:
#   watch  first wait for the end of standard input, which the process holds open as long as it lives
#   once   clean now, after a watchdog that is still at it
run=$1
tag=$2
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
cd / || exit 1

if [ "$3" = watch ]; then
  trap '' HUP INT QUIT TERM PIPE
  echo $$ >"$run/.watchdog"
  while read -r _; do :; done
else
  read -r old 2>/dev/null <"$run/.watchdog"
  round=0
  while [ -n "$old" ] && [ "$old" != $$ ] && grep -qsF -- "$run" "/proc/$old/cmdline"; do
    round=$((round + 1))
    [ $round -lt 100 ] || kill -9 "$old"
    sleep 0.1
  done
fi
[ -d "$run" ] || exit 0

# First processes of the sandboxes; a number used again by a process of our own namespace is not one.
# With builtins only: on a busy machine each program started here would cost the time that counts.
kill_firsts() {
  killed=
  for file in "$run"/[0-9a-z]*/pid; do
    [ -f "$file" ] || continue
    process=
    read -r process <"$file" || [ -n "$process" ] || continue
    [ -e "/proc/$process/ns/pid" ] || continue
    [ "/proc/$process/ns/pid" -ef /proc/self/ns/pid ] && continue
    kill -9 "$process" && killed=1
  done 2>/dev/null
}

# A process that ended well has left no step. It waits for this, so few programs are started.
set -- "$run"/[0-9a-z]*/
if [ -d "$1" ]; then
  kill_firsts
  printf '%s\n' "--bundle=$run/" >"$run/.pattern"

  # Runtimes and what they have just forked: their command lines name a bundle in the run directory.
  # The pattern comes from a file, so that grep does not find itself.
  runtimes() {
    for file in $(grep -lsF -f "$run/.pattern" /proc/[0-9]*/cmdline); do
      process=${file#/proc/}
      echo "${process%/cmdline}"
    done
  }

  # Directories of the steps' control groups, one a line.
  groups() {
    for step in "$run"/[0-9a-z]*/; do
      [ -d "$step" ] || continue
      step=${step%/}
      path=/jbuild/$tag-${step##*/}
      [ -f "$step/cgroup" ] && read -r path <"$step/cgroup"
      for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
        [ -d "$hierarchy$path" ] && echo "$hierarchy$path"
      done
    done
  }

  members() {
    groups | while read -r group; do
      find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null
    done
  }

  round=0
  while [ $round -lt 100 ]; do
    round=$((round + 1))
    starters=$(runtimes)
    victims=$(members)
    kill_firsts
    [ -n "$starters$victims$killed" ] || break
    for process in $starters; do
      kill -STOP "$process" # it forks nothing more
    done 2>/dev/null
    for process in $starters; do
      kill -9 $(cat /proc/"$process"/task/*/children 2>/dev/null)
    done 2>/dev/null
    kill -9 $victims 2>/dev/null
    kill -9 $starters 2>/dev/null
    sleep 0.02
  done

  groups | while read -r group; do
    rm -f "$group/cgroup.procs" 2>/dev/null # a plain file where crun took a directory for a group
    find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
  done
fi

# Innermost mounts first: later lines of the table come first.
mounted=
while read -r _ point _; do
  case $point in
  *\\*) point=$(printf '%b' "$point") ;; # blanks are written as octal numbers
  esac
  case $point in
  "$run"/*)
    mounted="$point
$mounted"
    ;;
  esac
done </proc/self/mounts
printf '%s' "$mounted" | while IFS= read -r point; do
  umount "$point" 2>/dev/null || umount -l "$point"
done

# Never into a directory that may still show something.
for step in "$run"/[0-9a-z]*/; do
  [ -d "$step" ] || continue
  rm -rf "${step}state"
  rm -f "$step"* 2>/dev/null
  rmdir "$step"* "$step" 2>/dev/null
done
rm -f "$run/.pattern" "$run/.watchdog" "$run"/.runtime/* 2>/dev/null
rmdir "$run/.runtime" /sys/fs/cgroup/jbuild /sys/fs/cgroup/*/jbuild 2>/dev/null
exit 0
