// The page: the sections from top to bottom.
const drawn = new Map();
readTrials();

const CHARTS = {
  comparison: heatMap,
  history: width => historyOfLoss(shownTrials(), width),
  slices: width => slices(shownTrials(), width),
  importance,
  rungs: () => rungs(shownTrials()),
  curves: () => curves(shownTrials()),
  rates: learningRates,
  cost: () => cost(shownTrials()),
  parallel: width => parallel(shownTrials(), width < 700),
  lags: () => lags(shownTrials()),
  bias: () => bias(shownTrials()),
  timeline: width => timeline(shownTrials(), width),
};
// In pixels: of a chart, and of two pages of A4 less what stays empty above sections that do not fit on the first.
const PRINTED_HEIGHT = 180;
const PRINTED_PAGES = 1850;
const printing = () => document.documentElement.classList.contains("printing");
// Parts of a chart that are removed if they are not named again. Series with an id keep the lines that have not changed.
const DRAWN_ANEW = ["series", "xAxis", "yAxis", "grid", "parallel", "parallelAxis", "visualMap"];
// Those that do not change with what is shown.
const OF_ALL = ["comparison", "importance", "rates"];

function draw(id) {
  const section = document.getElementById(id);
  const place = section.querySelector(".chart");
  readColours.clear();
  section.hidden = false; // else it has no width
  const chart = CHARTS[id](section.clientWidth - 2 * parseFloat(getComputedStyle(section).paddingLeft));
  section.hidden = Boolean(chart.absent);
  const height = chart.height || (printing() ? PRINTED_HEIGHT : undefined);
  place.style.height = height ? `${height}px` : "";
  place.setAttribute("aria-label", `${chart.title}. ${chart.note} The table below has its numbers.`);
  show(section.querySelector("h2"), [chart.title]);
  show(section.querySelector(".note"), [chart.empty === true ? "Nothing to show." : chart.empty || chart.note]);
  show(section.querySelector(".key"), chart.key ? key() : []);
  place.hidden = Boolean(chart.empty || chart.absent);
  const details = section.querySelector("details");
  details.hidden = place.hidden;
  details.ontoggle = () => details.open && showTable(details, table(chart.title, chart.header, chart.rows()));
  details.ontoggle();
  if (!place.hidden) {
    const instance = drawn.get(id) || chartIn(place);
    drawn.set(id, instance);
    // It draws everything, as setOption does.
    if (instance.getWidth() !== place.clientWidth || instance.getHeight() !== place.clientHeight) {
      instance.resize();
    }
    instance.setOption(themed(chart.option), {replaceMerge: DRAWN_ANEW});
    // The printer does not wait for the next frame.
    instance.getZr().flush();
  }
}

function chartIn(place) {
  const instance = echarts.init(place);
  instance.getZr().setSleepAfterStill(1); // else it asks for ten frames more after each that it draws
  return instance;
}

function themed(option) {
  const [text] = colours("--text");
  const [line] = colours("--line");
  const [ground] = colours("--ground");
  const ink = {
    axisLine: {lineStyle: {color: line}},
    axisTick: {lineStyle: {color: line}},
    axisLabel: {color: text},
    nameTextStyle: {color: text},
    splitLine: {lineStyle: {color: line}},
  };
  const axes = given => Array.isArray(given) ? given.map(axes) : given && Object.fromEntries(Object.entries({...ink, ...given}).map(([name, value]) =>
    [name, ink[name] && given[name] ? {...ink[name], ...given[name]} : value]));
  return {
    animation: false,
    textStyle: {color: text, fontFamily: "system-ui, sans-serif"},
    ...option,
    // Rich text is drawn, not parsed: a label can hold no HTML.
    tooltip: {renderMode: "richText", confine: true, backgroundColor: ground, borderColor: line, textStyle: {color: text}, ...option.tooltip},
    xAxis: axes(option.xAxis),
    yAxis: axes(option.yAxis),
    parallelAxis: axes(option.parallelAxis),
  };
}

function key() {
  return styles.map(style => element("li", {}, element("span", {class: "swatch", style: `color: ${styleColour(style)}`}), style));
}

function drawTrials() {
  const shown = shownTrials();
  const section = document.getElementById("all");
  section.querySelector(".note").textContent = `${shown.length} of ${trials.length}. ${ofRows(shown)} A trial's name highlights it in the charts.`;
  drawTrialTable(shown);
}

function drawShown() {
  Object.keys(CHARTS).filter(id => !OF_ALL.includes(id)).forEach(draw);
  drawTrials();
}

function chartSection(id, wide) {
  return element("section", {id, class: wide ? "wide" : false},
    element("h2", {}), element("p", {class: "note quiet"}), element("ul", {class: "key"}),
    element("div", {class: "chart", role: "img"}),
    element("details", {}, element("summary", {}, "Table")));
}

function header() {
  const sweep = data.sweep;
  const best = trials.filter(found).sort((a, b) => a.best_valid_loss - b.best_valid_loss)[0];
  const ended = trials.filter(hasEnded);
  const others = leftOut();
  const withStatus = status => trials.filter(trial => trial.status === status).length + total(others.filter(row => row.status === status), "trials");
  const counts = distinct(ended.concat(others).map(row => row.status)).sort().map(status => `${withStatus(status)} ${status.toLowerCase()}`).join(", ");
  const missed = total(others, "trials");
  document.title = `${sweep.sweep} · TBPTT Sweep`;
  document.getElementById("header").replaceChildren(
    element("h1", {}, `Sweep ${sweep.sweep}`),
    element("p", {class: "quiet"}, `${ended.length + missed} of ${sweep.planned_trials} trials ended${counts ? ": " + counts : ""}.${data.live ? "" : ` Written ${data.written}.`}`),
    best ? element("p", {class: "answer"}, `Lowest validation loss: ${loss(best.best_valid_loss)} nats per token, by ${best.label}.`)
      : element("p", {class: "answer"}, "No trial has a loss yet."),
    missed ? element("p", {class: "quiet", id: "left-out"}, `Charts and tables of trials have ${amount(trials.length)} of ${amount(trials.length + missed)} trials: half of them those with the lowest losses, the others chosen at random. ${isRun() ? "Means over seeds are those of the beginning of this run; style against style is" : "Means over seeds, style against style and rungs are"} of all trials. The SQL tables have all of them.`) : "");
}

function styleAgainstStyle() {
  const comparisons = data.styles.filter(comparison => comparison.lines.length > 0);
  const section = element("section", {id: "styles", class: "wide", hidden: comparisons.length === 0}, element("h2", {}, "Style against style"));
  if (comparisons.every(({lines}) => lines.every(line => line.verdict === "cannot tell"))) {
    section.append(element("p", {class: "note"}, "Cannot tell: one seed does not show what is chance."));
  } else {
    section.append(element("p", {class: "note quiet"}, "Paired by setting and seed; difference of lowest losses in nats per token with its 95% confidence interval over the seeds (Student's t). Below 0 the first style is better. Each line is a test of its own: of 20 styles that do not differ, about one is called better or worse."));
  }
  for (const {equal, header, lines, left_out} of comparisons) {
    section.append(element("h3", {}, `At equal ${equal}`),
      left_out ? element("p", {class: "note quiet"}, `${amount(left_out)} lines, of single points, are left out here; compare prints them.`) : "",
      table(`Style against style at equal ${equal}`, ["style", "against", ...header, "difference", "seeds", "verdict"],
        lines.map(line => [line.style, line.against, ...line.point, line.text, line.pairs, line.verdict])),
      lines.length > 13 ? element("p", {class: "note quiet paper"}, `Printed are 13 of ${amount(lines.length)} lines.`) : "");
  }
  return section;
}

function whatRan() {
  const sweep = data.sweep;
  const all = name => {
    const values = distinct(trials.map(trial => trial[name]).filter(value => !missing(value)));
    return values.length > MOST_CHOICES ? `${values.length} different` : values.sort((a, b) => typeof a === "number" ? a - b : a.localeCompare(b)).join(", ");
  };
  const spent = name => total(trials, name) + total(leftOut(), name);
  const facts = {
    "Corpus": `${sweep.corpus_id}; ${amount(sweep.vocabulary_size)} words; ${amount(sweep.train_tokens)} / ${amount(sweep.valid_tokens)} / ${amount(sweep.test_tokens)} tokens to train, validate, test`,
    "Seeds": all("seed"),
    "Engine": all("engine"),
    "Instruction set": all("isa"),
    "Precision": all("precision"),
    "Hosts": all("host"),
    "Program": distinct([sweep.code_version, ...trials.map(trial => trial.code_version)].filter(Boolean)).join(", "),
    "Spark": sweep.spark_version,
    "Last run": `${time(Date.parse(sweep.started_at))} UTC`,
    "Training": `${seconds(spent("train_seconds"))} s, ${amount(spent("train_tokens"))} tokens`,
  };
  return element("section", {id: "ran", class: "wide"}, element("h2", {}, "What ran"),
    element("dl", {}, Object.entries(facts).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    element("details", {}, element("summary", {}, "The conf; save it as a file to use it with run"),
      element("pre", {tabindex: 0}, JSON.stringify(JSON.parse(sweep.conf), null, 2))));
}

header();
document.getElementById("main").append(...[
  ...liveSections(),
  chartSection("comparison", true),
  styleAgainstStyle(),
  chartSection("importance", true),
  filter(),
  chartSection("history", true),
  chartSection("slices", true),
  chartSection("rungs", true),
  chartSection("curves", true),
  chartSection("rates"),
  chartSection("cost"),
  chartSection("parallel", true),
  chartSection("lags"),
  chartSection("bias"),
  chartSection("timeline", true),
  element("section", {id: "all", class: "wide"}, element("h2", {}, "Trials"), element("p", {class: "note quiet"}), trialTable()),
  whatRan(),
]);

function drawAll() {
  Object.keys(CHARTS).forEach(draw);
}

readFragment();
showFilter();
drawAll();
drawTrials();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("printing");
  drawLater.forEach(drawWaiting);
  drawAll();
  document.body.style.zoom = Math.min(1, PRINTED_PAGES / document.body.scrollHeight);
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("printing");
  document.body.style.zoom = "";
  drawAll();
});
let resizing;
addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(drawAll, 100); });
// A report that is being written anew is read anew, unless somebody is at work with it.
const inUse = () => document.activeElement.matches("input, select, button, summary") || document.querySelector("details[open]") || String(getSelection());
if (data.reload_seconds) {
  setInterval(() => {
    if (!document.hidden && !inUse()) {
      location.reload();
    }
  }, data.reload_seconds * 1000);
}
if (data.live) {
  Object.keys(data.running).forEach(id => runningNews.add(id));
  drawLive();
  drawRunning();
  document.querySelectorAll("#main > section").forEach(observe);
  connect();
}
document.documentElement.dataset.readyMilliseconds = Math.round(performance.now());
