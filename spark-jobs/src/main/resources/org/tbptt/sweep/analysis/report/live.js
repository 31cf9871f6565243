// The page of a sweep that runs: what has changed comes as server-sent events and is drawn where it shows.
const UNENDED = ["RUNNING", "RETRIED", "PAUSED"];
const STATES = {RUNNING: "running", RETRIED: "waits to be retried", PAUSED: "paused"};
const hasEnded = trial => !UNENDED.includes(trial.status);
// Of the table of losses, which is drawn: as many as the report has.
const MOST_LINES = 200;
// Sections by their ids: those to be drawn anew, when each may be again, and those on the screen.
const drawLater = new Set();
const restsUntil = new Map();
const onScreen = new Set();
const runningRows = new Map();
const runningNews = new Set(); // ids of rows that are shown as they were
let drawing, offered, filterWaits;

// A run's page, not that of tables.
const isRun = () => Boolean(data.live && data.published);

// Rows come by their trials' ids.
if (data.live) {
  data.trialRows = data.trials;
  data.running = data.running || {};
  data.events = data.events || [];
  data.stored = data.losses;
  readRows();
}

function readRows() {
  data.trials = Object.values(data.trialRows);
  data.losses = isRun() && leftOut().length === 0 ? lowestLines(lossesOf(data.trials.filter(hasEnded), [...data.published, ...data.stored])) : data.stored;
}

function lowestLines(points) {
  const name = point => JSON.stringify([point.bptt_steps, point.truncation, ...data.varied.map(each => plain(point[each]))]);
  const lowest = new Map();
  points.forEach(point => lowest.set(name(point), Math.min(lowest.get(name(point)) ?? Infinity, point.valid_loss ?? Infinity)));
  data.lines = lowest.size;
  const shown = new Set([...lowest.keys()].sort((a, b) => lowest.get(a) < lowest.get(b) ? -1 : 1).slice(0, MOST_LINES));
  return points.filter(point => shown.has(name(point)));
}

function liveSections() {
  return data.live ? [
    element("section", {id: "now", class: "wide"}, element("h2", {}, "Now"), element("p", {class: "state", role: "status"}), element("p", {class: "quiet"}), runningTable()),
    element("section", {id: "events", class: "wide", hidden: true}, element("h2", {}, "Events"), element("p", {class: "note quiet"}, "Times are UTC."), element("ul", {class: "events", tabindex: 0, "aria-label": "Events"})),
  ] : [];
}

// Such as "2:05" or "1:10:00".
function duration(total) {
  const whole = Math.round(total);
  const two = value => String(value).padStart(2, "0");
  return whole < 3600 ? `${Math.floor(whole / 60)}:${two(whole % 60)}` : `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

// Only the rows of which there is news.
function drawRunning() {
  const place = document.getElementById("now").lastChild;
  const body = place.querySelector("tbody");
  for (const id of data.ending ? [...runningRows.keys()] : runningNews) {
    const row = data.ending ? undefined : data.running[id];
    const shown = runningRows.get(id);
    if (!row && shown) {
      shown.remove();
      runningRows.delete(id);
    } else if (row) {
      if (shown) {
        show(shown, runningCells(id, row));
      } else {
        const made = element("tr", {}, runningCells(id, row));
        runningRows.set(id, made);
        body.append(made);
      }
    }
  }
  runningNews.clear();
  place.hidden = runningRows.size === 0;
}

function drawLive() {
  const now = document.getElementById("now");
  const progress = data.progress;
  const detail = now.children[2];
  const left = progress && progress.seconds_left !== undefined && !data.ending ? `, about ${duration(progress.seconds_left)} left` : "";
  const link = data.spark_ui && !data.ending ? [" ", element("a", {href: data.spark_ui, target: "_blank", rel: "noreferrer"}, "Spark's own page")] : [];
  show(detail, [...(progress ? [`${progress.finished} of ${progress.missing} trials of this run have ended${left}.`] : []), ...link]);
  const events = document.getElementById("events");
  events.hidden = data.events.length === 0;
  show(events.lastChild, data.events.map(event =>
    element("li", {}, element("time", {datetime: event.at}, time(Date.parse(event.at))), event.text)));
}

function runningTable() {
  const header = ["trial", "state", "done", "epoch", "training loss", "last validation loss", "tokens/s", "left", "host", "attempt"];
  return scrolling("Running trials",
    element("table", {id: "running"},
      element("thead", {}, element("tr", {}, header.map(name => element("th", {scope: "col"}, name)))),
      element("tbody", {})));
}

function runningCells(id, row) {
  const valid = data.curves[id] ? data.curves[id].valid : [];
  const left = row.state === "RUNNING" && !missing(row.seconds_left) ? duration(row.seconds_left) : "";
  return [
    ...[row.label, STATES[row.state]].map(cell),
    element("td", {}, element("progress", {max: 1, value: row.share, title: `${Math.floor(100 * row.share)}%`})),
    ...[`${row.epoch} of ${row.epochs}`, loss(row.loss), loss(valid[valid.length - 1]), amount(row.tokens_per_second), left, row.host, amount(row.attempt)].map(cell),
  ];
}

function showState(state, text) {
  const line = document.querySelector("#now .state");
  line.dataset.state = state;
  line.textContent = text;
}

// Milliseconds since then, for a browser's tools; not kept, as a page may be open for days.
function measured(name, start) {
  const {duration} = performance.measure(name, {start});
  performance.clearMeasures(name);
  return duration;
}

// Merges what has changed, and draws as little of it as there is to see.
function update(changes) {
  const started = performance.now();
  const settled = Boolean(changes.trials || changes.losses || changes.varied);
  for (const [name, value] of Object.entries(changes)) {
    if (!["trials", "curves", "diagnoses", "running"].includes(name)) {
      data[name === "losses" ? "stored" : name] = value;
      continue;
    }
    const rows = name === "trials" ? data.trialRows : data[name];
    for (const [id, row] of Object.entries(value)) {
      if (row === null) {
        delete rows[id];
      } else {
        rows[id] = row;
      }
    }
  }
  if (settled) {
    readRows();
    readTrials();
    choose(chosen);
    header();
    ["filter", ...Object.keys(CHARTS), "all", "ran"].forEach(id => drawLater.add(id));
  }
  if (changes.styles) {
    drawLater.add("styles");
  }
  if (changes.curves) {
    drawLater.add("curves");
  }
  if (changes.running) {
    Object.keys(changes.running).forEach(id => runningNews.add(id));
    drawLater.add("now");
  }
  drawLive();
  drawNext();
  measured("update", started);
}

const REDRAW = {now: drawRunning, filter: redrawFilter, all: drawTrials, ran: redrawRan, styles: redrawStyles};

function drawWaiting(id) {
  drawLater.delete(id);
  (REDRAW[id] || draw)(id);
}

// One section after the other, so that the page answers in between, and each for a twentieth of the time at most. What nobody
// looks at waits until somebody does; what is hidden is drawn, since it may have something to show now.
function drawNext() {
  clearTimeout(drawing);
  const waiting = document.hidden ? [] : [...drawLater].filter(id => onScreen.has(id) || document.getElementById(id).hidden);
  if (waiting.length === 0) {
    return;
  }
  const due = id => data.ending ? 0 : restsUntil.get(id) || 0;
  const next = waiting.reduce((a, b) => due(b) < due(a) ? b : a);
  drawing = setTimeout(() => {
    const start = performance.now();
    drawWaiting(next);
    restsUntil.set(next, performance.now() + 20 * measured(next, start));
    drawNext();
  }, Math.max(0, due(next) - performance.now()));
}

// Also those sections that take the place of others.
const watching = new IntersectionObserver(entries => {
  entries.forEach(({target, isIntersecting}) => isIntersecting ? onScreen.add(target.id) : onScreen.delete(target.id));
  drawNext();
});

function observe(section) {
  watching.observe(section);
  return section;
}

function redrawFilter() {
  const old = document.getElementById("filter");
  const offers = JSON.stringify([choices().map(valuesOf), trials.map(trial => trial.label)]);
  if (offers === offered) {
    return;
  }
  if (old.contains(document.activeElement)) { // not under somebody's hands
    if (!filterWaits) {
      filterWaits = true;
      old.addEventListener("focusout", () => { filterWaits = false; drawLater.add("filter"); drawNext(); }, {once: true});
    }
    return;
  }
  offered = offers;
  old.replaceWith(observe(filter()));
  showFilter();
}

function redrawRan() {
  const old = document.getElementById("ran");
  const open = old.querySelector("details").open;
  old.replaceWith(observe(whatRan()));
  document.querySelector("#ran details").open = open;
}

function redrawStyles() {
  document.getElementById("styles").replaceWith(observe(styleAgainstStyle()));
}

// The means over seeds of trials in memory, as point_losses.sql has them of those in the tables.
function lossesOf(ended, published) {
  const setting = (trial, name) => name in trial.setting ? trial.setting[name] : trial[name];
  const name = point => JSON.stringify([point.bptt_steps, point.style, point.seq_len, point.truncation, point.learning_rate, ...data.varied.map(each => plain(point[each]))]);
  const known = new Map(published.map(point => [name(point), point]));
  const points = new Map();
  for (const trial of ended) {
    const {bptt_steps, style, variant, seq_len, truncation, learning_rate} = trial;
    const point = {bptt_steps, style, variant, seq_len, truncation, learning_rate, ...Object.fromEntries(data.varied.map(each => [each, setting(trial, each)]))};
    const key = name(point);
    if (!points.has(key)) {
      const {published_loss, published_epochs, published_by} = known.get(key) || {};
      points.set(key, {...point, published_loss, published_epochs, published_by, diverged: 0, failed: 0, stopped: 0, bySeed: new Map()});
    }
    const found = points.get(key);
    found.diverged += trial.status === "DIVERGED";
    found.failed += trial.status === "FAILED";
    found.stopped += trial.status === "STOPPED";
    if (["COMPLETED", "DIVERGED"].includes(trial.status) && !missing(trial.best_valid_loss)) {
      found.bySeed.set(trial.seed, (found.bySeed.get(trial.seed) || []).concat(trial.best_valid_loss));
    }
  }
  const mean = values => values.reduce((a, b) => a + b, 0) / values.length;
  return [...points.values()].map(({bySeed, ...point}) => {
    const losses = [...bySeed.values()].map(mean);
    const valid_loss = losses.length ? mean(losses) : undefined;
    const standard_error = losses.length > 1
      ? Math.sqrt(losses.reduce((sum, value) => sum + (value - valid_loss) ** 2, 0) / (losses.length - 1) / losses.length) : undefined;
    return {...point, valid_loss, standard_error, seeds: losses.length};
  }).sort((a, b) => data.varied.map(each => inOrder(a[each], b[each])).find(Boolean)
    || a.bptt_steps - b.bptt_steps || inOrder(b.style, a.style) || inOrder(a.truncation, b.truncation) || b.learning_rate - a.learning_rate);
}

function connect(since = data.live) {
  const address = new URLSearchParams(location.search);
  address.set("since", since);
  const source = new EventSource(`events?${address}`);
  const ended = () => {
    source.close();
    showState("ended", data.ending);
    drawLive();
    drawRunning();
  };
  if (data.ending) {
    ended();
    return;
  }
  source.addEventListener("live", () => showState("live", "Live"));
  source.addEventListener("full", ({data: reason}) => {
    source.close();
    showState("lost", `${reason} Trying again.`);
    setTimeout(() => connect(since), 10000);
  });
  source.onmessage = event => {
    since = event.lastEventId;
    update(JSON.parse(event.data));
    if (data.ending) {
      ended();
    }
  };
  source.addEventListener("outdated", () => { source.close(); location.reload(); });
  source.onerror = () => {
    showState("lost", "The connection is lost; trying again. What is shown is what was known until then.");
    if (source.readyState === EventSource.CLOSED) { // the browser does not try again after a refusal
      setTimeout(() => connect(since), 5000);
    }
  };
}

document.addEventListener("visibilitychange", drawNext);
