#!/usr/bin/env bash
# What ten open pages cost a running sweep. One sweep trains throughout; blocks of 20 seconds with ten pages and without any
# take turns, the first and the last without. Each block with pages is compared to the mean of its two neighbours.
#   bench/live-pages.sh [PAIRS]      default 9: about seven minutes after the build; leave the machine alone meanwhile
# A page is a reader without a screen, at the lowest priority, since drawing belongs to the viewer's machine: curl fetches the
# page, which has everything in one file, and then reads its stream of updates.
set -euo pipefail
command -v curl >/dev/null || { echo "live-pages.sh: needs curl" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pairs=${1:-9}
block=20   # seconds
opening=5  # seconds at the beginning of a block, which count apart
pages=10
tokens=800000 # of an epoch
work=$(mktemp -d)
readers=()
run=
finish() {
  close_pages
  [ -z "$run" ] || { kill -TERM "$run" && wait "$run"; } 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

cat >"$work/live.conf" <<END
sweep {
  name = live
  corpus { kind = toy, train-length = $tokens, valid-length = 20000, test-length = 1000 }
  grid {
    truncation = {bptt-steps = 20, seq-len = 20}, style = true, learning-rate = [0.01, 0.003, 0.001, 0.0003]
    seed = [$(seq -s , 1 125)]
  }
  model { state-size = 64, embed-size = 64 }
  training { epochs = 20, batch-size = 20 }
}
END

read_page() { # as a browser does: the page, then what has changed since
  local page since
  page=$(mktemp "$work/page.XXXXXX")
  curl -s "$url" >"$page"
  since=$(grep -o -m 1 '"live":"[^"]*' "$page" | cut -d '"' -f 4)
  exec curl -s -N "${url}events?since=$since" >"$page.events"
}
open_pages() {
  for ((i = 0; i < pages; i++)); do
    (renice -n 19 "$BASHPID" >/dev/null; read_page) &
    readers+=($!)
  done
}
close_pages() {
  [ ${#readers[@]} -eq 0 ] || { kill "${readers[@]}" || true; wait "${readers[@]}" || true; } 2>/dev/null
  readers=()
}
# Nanoseconds of processor time: of the threads that answer pages, of the one that makes the updates, which works without pages,
# too, and of the whole process.
processor_time() {
  local answering=0 updating=0 task name nanoseconds
  for task in "/proc/$run/task"/*; do
    { read -r name <"$task/comm" && read -r nanoseconds _ <"$task/schedstat"; } || continue
    case "$name" in # Linux keeps 15 letters
      live-page-reque | HTTP-Dispatcher) answering=$((answering + nanoseconds)) ;;
      live-page) updating=$((updating + nanoseconds)) ;;
    esac
  done 2>/dev/null
  echo "$answering $updating $(awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.0f", ($12 + $13) / hz * 1e9 }' "/proc/$run/stat")"
}
measure() { # measure KIND: a block
  local from=$EPOCHREALTIME at_first opened
  at_first=$(processor_time)
  [ "$1" = alone ] || open_pages
  sleep "$opening"
  opened=$(processor_time)
  sleep $((block - opening))
  echo "$1 $from $EPOCHREALTIME $at_first $opened $(processor_time)" >>"$work/blocks"
  close_pages
}

./submit.sh run "$work/live.conf" --results "$work/results" --serve=0 >"$work/out" 2> >(
  # The sweep's lines, those of epochs with the time at which they came.
  while IFS= read -r line; do
    case "$line" in
      *" epoch "*" tokens/s")
        rate=${line% tokens/s}
        rate=${rate##* }
        echo "$EPOCHREALTIME ${rate//,/}" >>"$work/epochs" ;;
      *) echo "$line" >>"$work/log" ;;
    esac
  done
) &
run=$!
until [ -s "$work/epochs" ] && [ "$(wc -l <"$work/epochs")" -ge 20 ]; do # classes are loaded and compiled
  kill -0 "$run" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 1
done
url=$(sed -n 's/.*live page: \(http[^ ]*\).*/\1/p' "$work/log")

measure alone
for ((pair = 1; pair <= pairs; pair++)); do
  measure pages
  measure alone
done
heard=$(find "$work" -name '*.events' -size +0 | wc -l)
[ "$heard" -eq $((pages * pairs)) ] || { echo "only $heard of $((pages * pairs)) pages heard something" >&2; exit 1; }

# An epoch counts in the block, and in the part of it, in which the middle of its training was.
awk -v tokens="$tokens" -v block="$block" -v opening="$opening" -v pages="$pages" -v pairs="$pairs" '
  function median(values, n,   i, j, swap) {
    for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++) if (values[j] < values[i]) { swap = values[i]; values[i] = values[j]; values[j] = swap }
    return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
  }
  function report(what, values, n) {
    middle = median(values, n)
    printf "%s: median %+.1f%%, from %+.1f%% to %+.1f%% in %d blocks\n", what, middle, values[1], values[n], n
  }
  function serve(what, kind, part, seconds) {
    printf "  %s: %.1f (%.2f%%) and %.1f (%.2f%%)\n", what, answering[kind, part] / seconds / 1e6, 100 * answering[kind, part] / all[kind, part],
      updating[kind, part] / seconds / 1e6, 100 * updating[kind, part] / all[kind, part]
  }
  FILENAME ~ /blocks$/ {
    blocks++; from[blocks] = $2; to[blocks] = $3
    answering[$1, "opening"] += $7 - $4; updating[$1, "opening"] += $8 - $5; all[$1, "opening"] += $9 - $6
    answering[$1, "open"] += $10 - $7; updating[$1, "open"] += $11 - $8; all[$1, "open"] += $12 - $9
    next
  }
  {
    seconds = tokens / $2
    middle = $1 - seconds / 2
    for (b = 1; b <= blocks; b++) if (middle >= from[b] && middle < to[b]) {
      part = middle < from[b] + opening ? "opening" : "open"
      n[b, part]++; spent[b, part] += seconds
    }
  }
  END {
    for (b = 2; b < blocks; b += 2) {
      alone = (n[b - 1, "open"] / spent[b - 1, "open"] + n[b + 1, "open"] / spent[b + 1, "open"]) / 2
      if (n[b, "open"]) open[++opens] = 100 * (n[b, "open"] / spent[b, "open"] / alone - 1)
      if (n[b, "opening"]) first[++firsts] = 100 * (n[b, "opening"] / spent[b, "opening"] / alone - 1)
    }
    report("tokens per second of a trial, " pages " open pages against none", open, opens)
    report("the same while they are opened, " opening " s", first, firsts)
    print "processor time in milliseconds per second (share of the process): of the threads that answer pages, and of the one that makes updates"
    serve(pages " open pages", "pages", "open", pairs * (block - opening))
    serve("while they are opened", "pages", "opening", pairs * opening)
    serve("none", "alone", "open", (pairs + 1) * (block - opening))
  }' "$work/blocks" "$work/epochs"
