#!/usr/bin/env bash
# Builds what is missing or outdated and hands everything to spark-submit:
#   ./submit.sh [spark-submit options] [COMMAND] [arguments]
# Without a command it runs the default sweep. ./submit.sh --help lists the commands.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
app="$here/spark-jobs/target/tbptt-sweep-app.jar"
built_spark="$here/spark-jobs/spark-home/target/spark-home"
cli="$here/spark-jobs/src/main/java/org/tbptt/sweep/cli"

say() { printf 'submit.sh: %s\n' "$*" >&2; }
fail() { say "$@"; exit 2; }

# Without a locale Java takes names of files for ASCII: others could not be written.
[ -n "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ] || export LC_ALL=C.UTF-8

# --- What goes to spark-submit and what to the program -----------------------------------------
spark_options=()
check_spark_option() { # check_spark_option NAME [VALUE]: what spark-submit would answer with a stack trace
  local value=${2-} wanted=""
  case "$1" in
    --master)
      case "$value" in
        local | local\[*\] | local-cluster\[*\] | spark://* | yarn | k8s://* | mesos://*) ;;
        *) wanted="local[N], spark://HOST:PORT, yarn or k8s://https://HOST:PORT" ;;
      esac ;;
    --deploy-mode) [[ $value =~ ^(client|cluster)$ ]] || wanted="client or cluster" ;;
    --conf | -c) [[ $value =~ ^[^=]+= ]] || wanted="KEY=VALUE" ;;
    --properties-file) [ -f "$value" ] || wanted="a file that is there" ;;
    --driver-memory) [[ $value =~ ^[0-9]*[1-9][0-9]*[kKmMgGtT]$ ]] || wanted="a size with its unit, such as 4g" ;;
    --executor-memory) [[ $value =~ ^[0-9]*[1-9][0-9]*([kKmMgGtT][bB]?)?$ ]] || wanted="a size, such as 4g" ;;
    --driver-cores | --executor-cores | --num-executors | --total-executor-cores)
      [[ $value =~ ^[0-9]*[1-9][0-9]*$ ]] || wanted="a whole number, at least 1" ;;
    --archives | --class | --driver-class-path | --driver-java-options | --driver-library-path | --exclude-packages | \
      --files | --jars | --keytab | --kill | --name | --packages | --principal | --proxy-user | --py-files | --queue | \
      --remote | --repositories | --status) ;;
    *)
      if grep -qrF "names = \"$1\"" "$cli"; then
        fail "$1 belongs after a command, as in: ./submit.sh COMMAND $1 ..."
      fi
      fail "$1 is not an option of spark-submit, and those of a command belong after it (./submit.sh --help)" ;;
  esac
  [ $# -gt 1 ] || fail "$1 has no value"
  [ -z "$wanted" ] || fail "$1 $value: must be $wanted"
}
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help | -V | --version) break ;;
    --verbose | --supervise | -v) spark_options+=("$1"); shift ;;
    --*=*) check_spark_option "${1%%=*}" "${1#*=}"; spark_options+=("$1"); shift ;;
    -*)
      check_spark_option "${@:1:2}"
      spark_options+=("$1" "$2"); shift 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || set -- run
# A word with a dash is --help or --version here; the rest are the subcommands that TbpttSweep lists.
commands=$(sed -n 's/^ *\([A-Z][a-z]*\)Command\.class,\{0,1\}$/\1/p' "$cli/TbpttSweep.java" | tr 'A-Z\n' 'a-z ')
[[ $1 = -* || " $commands" = *" $1 "* ]] || fail "$1 is not a command; there are: $commands(./submit.sh --help)"

# --- Files: Java has every jar open, and may raise the limit as far as the hard one --------------------
files=$(ulimit -Hn)
[ "$files" = unlimited ] || [ "$files" -ge 512 ] || fail "needs 512 open files, ulimit -Hn allows $files"

# --- A JDK -------------------------------------------------------------------------------------
java=java
[ -z "${JAVA_HOME:-}" ] || java="$JAVA_HOME/bin/java"
jdk="a JDK 17 (Debian and Ubuntu: apt-get install openjdk-17-jdk-headless)"
command -v "$java" >/dev/null 2>&1 || fail "needs $jdk: $java is not there"
about=$("$java" -version 2>&1) || fail "needs $jdk: $java -version fails: ${about##*$'\n'}"
release=$(sed -n 's/.*version "\([^"]*\)".*/\1/p' <<<"$about" | head -n 1)
version=${release%%[!0-9]*}
[ "${version:-0}" -ge 17 ] || fail "needs $jdk: $java is version ${version:-unknown}"
[ "$version" -lt 23 ] || fail "needs $jdk: $java is version $version, which Hadoop in Spark 3.5 does not support"

# --- Build what is missing or outdated ----------------------------------------------------------
outdated() {
  [ -f "$app" ] && { [ -n "${SPARK_HOME:-}" ] || [ -d "$built_spark/jars" ]; } || return 0
  [ -n "$(find "$here/pom.xml" "$here"/model/pom.xml "$here"/model/src/main "$here"/conf/reference.conf \
    "$here"/spark-jobs/pom.xml "$here"/spark-jobs/src/main "$here"/spark-jobs/spark-home/pom.xml \
    "$here"/spark-jobs/spark-home/src -newer "$app" -print -quit)" ]
}

build() {
  # Maven copies Spark's jars, but leaves those of other versions beside them.
  [ -z "$(find "$here/pom.xml" "$here/spark-jobs/spark-home/pom.xml" -newer "$built_spark/jars" 2>/dev/null)" ] ||
    rm -rf "$built_spark/jars" || fail "cannot delete $built_spark/jars"
  log="$here/target/submit.log"
  say "building; the first time downloads about 400 MB and takes some minutes (log: target/submit.log)"
  if ! (cd "$here" && mvn -B -DskipTests package) >"$log" 2>&1; then
    { grep '^\[ERROR\]' "$log" || tail -n 5 "$log"; } | head -n 5 >&2
    fail "the build failed; target/submit.log has all of it"
  fi
  sed -n 's/^.*\(The native core is not built: .*\)$/submit.sh: \1/p' "$log" >&2
}

if outdated; then
  command -v mvn >/dev/null 2>&1 ||
    fail "needs Maven to build (Debian and Ubuntu: apt-get install maven): mvn is not there"
  command -v "${java}c" >/dev/null 2>&1 || fail "needs $jdk to build: ${java}c is not there"
  mkdir -p "$here/target"
  exec 9>"$here/target/submit.lock" # two builds at once would overwrite each other's files
  if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    say "waiting for another command's build"
    flock 9 || true # a file system without locks
  fi
  ! outdated || build
  exec 9>&-
fi

# --- Numeric libraries: a trial is one task, and has spark.task.cpus threads ----------------------
cpus=$(printf '%s\n' ${spark_options[@]+"${spark_options[@]}"} | sed -n 's/^\(--conf=\)\{0,1\}spark\.task\.cpus=//p' | tail -n 1)
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-${cpus:-1}}" # executors get it from the program, a local driver does not
if [ -z "${OPENBLAS_CORETYPE:-}" ] && [ -r /proc/cpuinfo ]; then
  # The OpenBLAS that ND4J brings takes its slowest kernels on processors that it does not know.
  if grep -q -m 1 -w avx512bw /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=SkylakeX
  elif grep -q -m 1 -w avx2 /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=Haswell
  fi
fi

# --- Cluster mode: a worker of a standalone cluster starts the driver, with this environment but without the
# options that Spark's launcher gives a JVM ----------------------------------------------------------
in_cluster_mode() { # as spark-submit finds it: its option, --conf, the file with its defaults, the environment
  local words=" ${spark_options[*]-} " defaults="${SPARK_CONF_DIR:-${SPARK_HOME:-$built_spark}/conf}/spark-defaults.conf"
  case "$words" in
    *" --deploy-mode "* | *" --deploy-mode="*) [[ $words =~ \ --deploy-mode[\ =]cluster\  ]] && return || return 1 ;;
    *spark.submit.deployMode=*) [[ $words =~ spark\.submit\.deployMode=cluster\  ]] && return || return 1 ;;
  esac
  [[ ! $words =~ \ --properties-file[\ =]([^\ ]+) ]] || defaults=${BASH_REMATCH[1]}
  grep -qsE '^[[:space:]]*spark\.submit\.deployMode[[:space:]=:]+cluster' "$defaults" && return
  [ "${DEPLOY_MODE:-}" = cluster ] && ! grep -qsE '^[[:space:]]*spark\.submit\.deployMode[[:space:]=:]' "$defaults"
}
if in_cluster_mode; then
  opens=$(sed -n 's:.*<spark.module.options>\(.*\)</spark.module.options>.*:\1:p' "$here/pom.xml")
  export JDK_JAVA_OPTIONS="${JDK_JAVA_OPTIONS:+$JDK_JAVA_OPTIONS }$opens"
  say "the driver runs on the cluster and prints there; the exit status here is spark-submit's"
fi

# --- Submit ------------------------------------------------------------------------------------
arguments=(${spark_options[@]+"${spark_options[@]}"} --class org.tbptt.sweep.cli.TbpttSweep "$app" "$@")
if [ -n "${SPARK_HOME:-}" ]; then
  [ -x "$SPARK_HOME/bin/spark-submit" ] ||
    fail "SPARK_HOME = $SPARK_HOME: has no bin/spark-submit (unset it to use Spark from Maven's jars)"
  for core in "$SPARK_HOME"/jars/spark-core_*.jar; do
    case "${core##*/}" in
      spark-core_2.12-3.5* | 'spark-core_*.jar') ;;
      *) fail "SPARK_HOME = $SPARK_HOME: has ${core##*/}, must be Spark 3.5 for Scala 2.12 (unset it to use Spark from Maven's jars)" ;;
    esac
  done
  say "$1 with Spark from $SPARK_HOME"
  exec "$SPARK_HOME/bin/spark-submit" "${arguments[@]}"
fi
say "$1 with Spark from Maven's jars"
export SPARK_HOME="$built_spark" SPARK_SCALA_VERSION=2.12
case " ${spark_options[*]-} " in
  *" --master local "* | *" --master=local "* | *" --master local["* | *" --master=local["*)
    export SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}" ;;
  *" --master "* | *" --master="* | *" --properties-file"* | *spark.master=*) ;;
  *) # nobody else has to reach a local driver
    if [ -z "${MASTER:-}" ] && ! grep -qs '^[[:space:]]*spark\.master' "${SPARK_CONF_DIR:-$SPARK_HOME/conf}/spark-defaults.conf"; then
      export SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}"
    fi ;;
esac
# What bin/spark-submit does: Spark's launcher turns the options into a java command.
command=()
java_command() {
  local word last
  command=()
  while IFS= read -r -d '' word; do
    command+=("${word#$'\n'}")
  done < <("$java" -Xmx128m -cp "$SPARK_HOME/jars/*" org.apache.spark.launcher.Main \
    org.apache.spark.deploy.SparkSubmit "$@" && printf '0\0' || printf '%s\0' $?)
  last=$((${#command[@]} - 1))
  [ "${command[$last]}" = 0 ] || exit "${command[$last]}"
  unset "command[$last]"
  command=("${command[@]:1}") # the launcher's first word is empty: it marks the command's beginning
  if [ "${command[0]}" = env ]; then # then variables, which --driver-library-path needs
    while command=("${command[@]:1}") && [[ ${command[0]} =~ ^[A-Za-z_]+= ]]; do
      export "${command[0]}"
    done
  fi
}

# A start is mostly the loading of Spark's classes. The JVM maps them from an archive, which a sweep of
# one small trial makes once for a JDK; where there is none, or it does not fit, classes are loaded as ever.
archive="$SPARK_HOME/classes-$release.jsa"
if [ -w "$SPARK_HOME" ] && { [ ! -f "$archive" ] || [ -n "$(find "$SPARK_HOME/jars" -newer "$archive" -print -quit)" ]; }; then
  say "preparing quick starts (once)"
  scratch=$(mktemp -d "$SPARK_HOME/classes.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
  # Without the user's folders on the class path: an archive can have none.
  SPARK_CONF_DIR="$SPARK_HOME/conf" HADOOP_CONF_DIR='' YARN_CONF_DIR='' \
    java_command --master 'local[1]' --class org.tbptt.sweep.cli.TbpttSweep "$app" run "$here/conf/toy.conf" --quiet \
    --results "$scratch/results" --set 'sweep.grid.truncation={bptt-steps=4,seq-len=20}' --set sweep.grid.style=tf \
    --set sweep.training.epochs=1 --set sweep.corpus.train-length=10000
  if "${command[0]}" -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit="$scratch/classes.jsa" "${command[@]:1}" >"$scratch/log" 2>&1; then
    find "$SPARK_HOME" -maxdepth 1 -name 'classes*.jsa' ! -newer "$SPARK_HOME/jars" -exec rm -f {} + # of other jars, 160 MB each
    mv "$scratch/classes.jsa" "$archive"
  else
    : >"$archive" # not to be tried at each start; an empty one is passed over
  fi
  rm -rf "$scratch"
  trap - EXIT INT TERM
fi
java_options=()
[ ! -s "$archive" ] || java_options+=("-XX:SharedArchiveFile=$archive" -Xlog:cds=off -Xlog:cds+dynamic=off)
[ "$1" = run ] || java_options+=(-XX:TieredStopAtLevel=1) # over before a second compiler pays off

java_command "${arguments[@]}"
exec "${command[0]}" ${java_options[@]+"${java_options[@]}"} "${command[@]:1}"
