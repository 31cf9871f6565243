// Which trial ran where and when. The tables know when a trial began and ended and how long it trained, not what it waited for in between.
function hosts(shown) {
  const at = text => Date.parse(text);
  const ran = shown.filter(trial => !missing(trial.started_at) && !missing(trial.finished_at))
    .map(trial => ({trial, from: at(trial.started_at), to: Math.max(at(trial.finished_at), at(trial.started_at))}))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const byHost = new Map();
  for (const span of ran) {
    const host = plain(span.trial.host);
    if (!byHost.has(host)) {
      byHost.set(host, {host, spans: [], ends: [], earliest: Infinity});
    }
    const of = byHost.get(host);
    // A trial takes the first slot that is free: which one it really had is not in the tables.
    const free = of.earliest <= span.from ? of.ends.findIndex(end => end <= span.from) : of.ends.length;
    const added = free === of.ends.length;
    span.slot = free;
    of.ends[free] = span.to;
    of.earliest = added ? Math.min(of.earliest, span.to) : least(of.ends);
    of.spans.push(span);
  }
  return [...byHost.values()].sort((a, b) => a.host.localeCompare(b.host)).map(({host, spans, ends}) => {
    const from = least(spans.map(span => span.from));
    const to = greatest(spans.map(span => span.to));
    const share = milliseconds => to > from ? milliseconds / (ends.length * (to - from)) : 1;
    return {
      host, spans, slots: ends.length, from, to,
      taken: share(spans.reduce((sum, span) => sum + span.to - span.from, 0)),
      trained: share(spans.reduce((sum, span) => sum + 1000 * (span.trial.train_seconds || 0), 0)),
      restarts: spans.reduce((sum, span) => sum + Math.max(0, (span.trial.attempts || 1) - 1), 0),
    };
  });
}

const percent = share => `${Math.round(100 * share)}%`;
const time = milliseconds => new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");

function timeline(shown, width) {
  const all = hosts(shown);
  const spans = all.flatMap(host => host.spans);
  const lanes = all.flatMap(({host, slots}) => Array.from({length: slots}, (_, slot) => `${host} ${slot + 1}`));
  const first = new Map();
  all.reduce((sum, {host, slots}) => { first.set(host, sum); return sum + slots; }, 0);
  const lane = Math.min(22, Math.max(2, 800 / lanes.length), printing() ? 130 / lanes.length : 22);
  return {
    title: "Timeline",
    note: "A bar per trial from its first start to its end, on the host where it ended, in the first slot that was free. The filled part of its height is the share of that time that it trained; the rest is validation, checkpoints, pauses and interruptions. A framed bar was started more than once. Times are UTC. "
      + all.slice(0, 4).map(host => `${host.host}: ${count(host.slots, "slot")}, taken ${percent(host.taken)} of the time, training ${percent(host.trained)}`).join("; ")
      + (all.length > 4 ? "; more in the table." : ".")
      + (leftOut().length ? " Slots look idle while they had trials that this page leaves out." : ""),
    key: true,
    absent: !trials.some(trial => !missing(trial.started_at)),
    empty: lanes.length === 0,
    height: 70 + Math.max(40, lanes.length * lane),
    option: {
      grid: {left: 10, right: 24, top: 10, bottom: 48, containLabel: true},
      useUTC: true,
      tooltip: {formatter: ({data: {span}}) => `${span.trial.label}\n${time(span.from)} to ${time(span.to)}\n${seconds(span.trial.train_seconds)} s of training, ${span.trial.attempts === 1 ? "1 start" : `${plain(span.trial.attempts)} starts`}, ${span.trial.status.toLowerCase()}`},
      xAxis: axis("time, UTC", {type: "time", min: least(all.map(host => host.from)), max: greatest(all.map(host => host.to)), axisLabel: {hideOverlap: true}}),
      yAxis: {type: "category", inverse: true, data: lanes, axisTick: {show: false}, axisLabel: {width: width < 700 ? 80 : 200, overflow: "truncate", hideOverlap: true}},
      series: [{
        type: "custom",
        encode: {x: [0, 1], y: 2},
        renderItem: (parameters, api) => bar(spans[parameters.dataIndex], api, lane),
        data: spans.map(span => ({value: [span.from, span.to, first.get(plain(span.trial.host)) + span.slot], span})),
      }],
    },
    header: ["host", "slots", "trials", "restarts", "from", "to", "taken", "training"],
    rows: () => all.map(host => [host.host, host.slots, host.spans.length, host.restarts, time(host.from), time(host.to), percent(host.taken), percent(host.trained)]),
  };
}

function bar({trial, from, to}, api, lane) {
  const [x, y] = api.coord([from, api.value(2)]);
  const width = Math.max(1, api.coord([to, 0])[0] - x - 1);
  const height = Math.max(1, lane - 3);
  const filled = height * Math.min(1, to > from ? 1000 * (trial.train_seconds || 0) / (to - from) : 1);
  const color = styleColour(styleOf(trial));
  const {opacity} = emphasis(trial.trial_id);
  const part = (top, tall, style) => ({type: "rect", shape: {x, y: top, width, height: tall}, style});
  return {
    type: "group",
    children: [
      part(y - height / 2, height, {fill: color, opacity: 0.3 * opacity}),
      part(y + height / 2 - filled, filled, {fill: color, opacity}),
      ...(trial.attempts > 1 ? [part(y - height / 2, height, {fill: "none", stroke: colours("--text")[0], opacity})] : []),
    ],
  };
}
