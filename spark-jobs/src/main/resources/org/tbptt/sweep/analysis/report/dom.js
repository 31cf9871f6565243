// The data, and what builds the page from it. Text goes in as text, never as HTML.
const data = JSON.parse(document.getElementById("data").textContent);

// A list among the children stands for its elements: spread into arguments, long ones would be too many of them.
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (value !== false && value !== undefined) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  children.flat().filter(child => child !== undefined).forEach(child => made.append(child));
  return made;
}

// Puts children into an element that may have them already: what stays the same is neither laid out nor painted again, and keeps
// focus and selection.
function show(place, children) {
  const nodes = [...element(place.localName, {}, children).childNodes];
  nodes.forEach((node, index) => {
    const shown = place.childNodes[index];
    if (!shown) {
      place.append(node);
    } else if (!node.isEqualNode(shown)) {
      shown.replaceWith(node);
    }
  });
  while (place.childNodes.length > nodes.length) {
    place.lastChild.remove();
  }
}

const missing = value => value === null || value === undefined;
const signed = value => `${value < 0 ? "" : "+"}${value.toFixed(3)}`.replace(/^-(0\.0*)$/, "+$1");
const loss = value => missing(value) ? "" : value.toFixed(4);
const rate = value => missing(value) ? "" : Number(value.toPrecision(6)).toString().replace("e-", "e−");
const amount = value => missing(value) ? "" : Math.round(value).toLocaleString("en");
const seconds = value => missing(value) ? "" : value < 100 ? value.toFixed(1) : amount(value);
const plain = value => missing(value) ? "" : String(value);
const short = value => typeof value === "number" && !Number.isInteger(value) ? rate(value) : plain(value);
// As compare says it; docs/lags.md has the cause.
const WORSE = "worse than unigram";
// The levels are those of the last run's corpus, of which all trials are unless it is among what varies.
const isWorse = (value, corpus) => !missing(value) && (missing(corpus) || corpus === data.sweep.corpus_id)
  && data.levels.some(level => level.name === "unigram" && value > level.loss);
const distinct = values => [...new Set(values)];
const ascending = (a, b) => a - b;
// Numbers by size, words by their letters; what is missing comes first, as in SQL.
function inOrder(a, b) {
  if (missing(a) || missing(b)) {
    return missing(b) - missing(a);
  }
  return typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : Number(String(a) > String(b));
}
const count = (number, what) => `${amount(number)} ${what}${number === 1 ? "" : "s"}`;
const least = values => values.reduce((a, b) => Math.min(a, b), Infinity);
const greatest = values => values.reduce((a, b) => Math.max(a, b), -Infinity);

// Nobody reads more rows, and a browser takes seconds to make them.
const MOST_ROWS = 1000;
const ofRows = rows => rows.length > MOST_ROWS ? `The first ${amount(MOST_ROWS)} of ${amount(rows.length)} rows.` : "";

// An area that the keyboard can scroll.
const scrolling = (name, ...children) => element("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": name}, ...children);

// A table of plain cells; numbers stand on the right.
function table(name, header, rows) {
  return scrolling(name,
    rows.length > MOST_ROWS ? element("p", {class: "note quiet"}, ofRows(rows)) : undefined,
    element("table", {},
      element("thead", {}, element("tr", {}, header.map(name => element("th", {scope: "col"}, name)))),
      element("tbody", {}, rows.slice(0, MOST_ROWS).map(row => element("tr", {}, row.map(cell))))));
}

// Puts such a table at the end of a place that may have an older one, which keeps its scroll position.
function showTable(place, made) {
  const shown = place.querySelector(".scroll");
  if (!shown || shown.childElementCount !== made.childElementCount) {
    shown?.remove();
    place.append(made);
    return;
  }
  show(shown.querySelector("thead"), [...made.querySelector("thead").children]);
  show(shown.querySelector("tbody"), [...made.querySelector("tbody").children]);
  if (shown.firstChild !== shown.lastChild) {
    show(shown.firstChild, [...made.firstChild.childNodes]);
  }
}

function cell(value) {
  const numeric = typeof value === "number" || /^[-−]?[\d,.]+(e−?\d+)?$/.test(value);
  return element("td", {class: numeric ? "number" : String(value).length > 60 ? "text" : false}, plain(value));
}

// What tells a trial from the sweep's others; only some may have a setting.
function label(trial) {
  return [`${trial.truncation}, bptt_steps ${trial.bptt_steps}`, `lr ${rate(trial.learning_rate)}`]
    .concat(data.varied.filter(name => !missing(trial[name])).map(name => `${name} ${short(trial[name])}`), `seed ${trial.seed}`)
    .join(", ");
}

// Trials of a large sweep that the page does not show one by one, summed up by status.
const leftOut = () => data.left_out || [];
const total = (rows, name) => rows.reduce((sum, row) => sum + (row[name] || 0), 0);

// The trials, and what tells them apart; a running sweep has others later.
let trials, trialsById, styles, rates, depths, styleName, ofSearch, axes;

const STYLE_COLOURS = 16;
const styleOf = trial => trial[styleName];

function readTrials() {
  trials = data.trials.map(trial => ({...trial, label: label(trial)}));
  trialsById = new Map(trials.map(trial => [trial.trial_id, trial]));
  // Also those of trials that a running sweep knows and has not started, so that each keeps its colour.
  const named = [...(data.styles_planned || []), ...trials];
  // Styles are told apart with the settings that only some have, unless that makes more than there are colours.
  styleName = distinct(named.map(trial => trial.variant)).length > STYLE_COLOURS ? "style" : "variant";
  styles = distinct(named.map(styleOf)).sort();
  rates = distinct(trials.map(trial => trial.learning_rate)).sort(ascending);
  depths = distinct(trials.map(trial => trial.bptt_steps)).sort(ascending);
  ofSearch = trials.some(trial => !missing(trial.candidate));
  axes = variedSettings();
}

// The settings in which the trials differ. A seq_len that follows from style and bptt_steps, as that of tf does, is none.
function variedSettings() {
  const value = (trial, name) => trial[name === "style" ? "variant" : name];
  const follows = new Set(trials.map(trial => [trial.variant, trial.bptt_steps, trial.seq_len].join())).size
    === new Set(trials.map(trial => [trial.variant, trial.bptt_steps].join())).size;
  return ["style", "bptt_steps", "seq_len", "learning_rate", ...data.varied, "seed"]
    .filter(name => name !== "seq_len" || !follows)
    .map(name => ({name, values: distinct(trials.map(trial => value(trial, name)).filter(each => !missing(each)))}))
    .filter(({values}) => values.length > 1)
    .map(({name, values}) => {
      const numeric = values.every(each => typeof each === "number");
      return {
        name,
        of: trial => value(trial, name),
        numeric,
        values: values.sort(numeric ? ascending : undefined),
        logarithmic: numeric && name !== "seed" && values[0] > 0 && values[values.length - 1] >= 10 * values[0],
      };
    });
}
