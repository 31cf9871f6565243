#!/usr/bin/env bash
# Builds what is needed and measures a training step beside other libraries; writes bench/target/report.md and report.json.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
target="$here/target"
docs="$root/docs/performance.md"
rounds=7
seconds=1.0
update_docs=false
only=()

usage() {
  cat <<'END'
bench/run.sh [--quick] [--only TEXT | --update-docs]
  --quick        3 short rounds (some minutes after the build) instead of 7 long ones (10 to 30 minutes)
  --only TEXT    only rows whose name contains TEXT, such as "bf16 lstm", of every engine
  --update-docs  puts the tables into docs/performance.md
Needs a JDK 17, Maven, cmake, make and g++. Leave the machine alone meanwhile.
END
}

while [ $# -gt 0 ]; do
  case "$1" in
    --quick) rounds=3 seconds=0.2 ;;
    --only)
      [ $# -gt 1 ] || { usage >&2; exit 2; }
      only=(--only "$2")
      shift
      ;;
    --update-docs) update_docs=true ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

if $update_docs && [ ${#only[@]} -gt 0 ]; then
  printf 'run.sh: --update-docs needs all rows: leave --only out\n' >&2
  exit 2
fi

say() { printf 'run.sh: %s\n' "$*" >&2; }

# --- Build -------------------------------------------------------------------------------------
mkdir -p "$target"
say "building (log: bench/target/build.log); the first time downloads what the other libraries need"
: >"$target/build.log"
build() { (cd "$root" && mvn -B -f bench/pom.xml -DskipTests package "$@") >>"$target/build.log" 2>&1; }
build -Dnative=required -pl measure -am || { tail -n 20 "$target/build.log" >&2; exit 1; }
rm -f "$here/pytorch/target/classpath"
build -pl pytorch || say "bench/pytorch was not built (log: bench/target/build.log); libtorch is left out"

# The C++ programs use the very library that is in the jar.
native="$root/model/target/native"
{
  cmake -S "$root/model/src/main/cpp" -B "$native" -DTBPTT_BENCH=ON
  cmake --build "$native" --target bench_core --target bench_loop
} >>"$target/build.log" 2>&1 || { tail -n 20 "$target/build.log" >&2; exit 1; }

# --- Measure -----------------------------------------------------------------------------------
export OMP_NUM_THREADS=1
if [ -z "${OPENBLAS_CORETYPE:-}" ] && [ -r /proc/cpuinfo ]; then # as submit.sh does: ND4J's OpenBLAS does not know newer processors
  if grep -q -m 1 -w avx512bw /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=SkylakeX
  elif grep -q -m 1 -w avx2 /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=Haswell
  fi
fi
java=java
[ -z "${JAVA_HOME:-}" ] || java="$JAVA_HOME/bin/java" # Maven's, too
classpath() { printf '%s:%s' "$here/$1/target/classes" "$(cat "$here/$1/target/classpath")"; }
pytorch=()
[ ! -f "$here/pytorch/target/classpath" ] || pytorch=(--pytorch-classpath "$(classpath pytorch)")
"$java" -Xmx2g -XX:+UseSerialGC -Dorg.bytedeco.javacpp.maxbytes=8g -Dorg.bytedeco.javacpp.maxphysicalbytes=16g \
  -cp "$(classpath measure)" org.tbptt.bench.Bench --rounds "$rounds" --turn-seconds "$seconds" \
  --output "$target" --native "$native/bench" ${pytorch[@]+"${pytorch[@]}"} ${only[@]+"${only[@]}"}

# --- Document ----------------------------------------------------------------------------------
if $update_docs; then
  awk -v report="$target/report.md" '
    /<!-- bench:end -->/ { skip = 0 }
    !skip { print }
    /<!-- bench:begin -->/ { skip = 1; while ((getline line < report) > 0) print line }
  ' "$docs" >"$target/performance.md"
  cp "$target/performance.md" "$docs"
  say "docs/performance.md has the tables"
fi
