// Which trials are shown and which one is highlighted; the page's fragment keeps it, so that a link shows the same.
const FACETS = [
  ["style", "Style", styleOf, plain],
  ["cell", "Cell", trial => trial.cell, plain],
  ["rate", "Learning rate", trial => trial.learning_rate, rate],
  ["seed", "Seed", trial => trial.seed, plain],
  ["status", "Status", trial => trial.status, value => value.toLowerCase()],
];
// More values than these are no choice: words and the highlight remain.
const MOST_CHOICES = 40;

const state = {text: "", chosen: {}, highlight: "", sort: "lowest loss", descending: false};

const chosen = name => state.chosen[name] || [];

function valuesOf([, , value]) {
  const values = distinct(trials.map(value).filter(value => !missing(value)));
  return values.sort(typeof values[0] === "number" ? ascending : undefined);
}

const choices = () => FACETS.filter(facet => valuesOf(facet).length > 1 && valuesOf(facet).length <= MOST_CHOICES);

function shownTrials() {
  const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  return trials.filter(trial =>
    FACETS.every(([name, , value]) => chosen(name).length === 0 || chosen(name).includes(String(value(trial))))
    && words.every(word => `${trial.label} ${trial.trial_id} ${trial.status} ${plain(trial.reason)}`.toLowerCase().includes(word)));
}

// Makes of wanted values, by the name of their facet, the choice: those that there are. The values of a running sweep come and go.
function choose(wanted) {
  state.chosen = Object.fromEntries(choices().map(facet => [facet[0], valuesOf(facet).map(String).filter(value => wanted(facet[0]).includes(value))]));
}

// What the fragment says, of which only what this page has counts: a link may be older than it.
function readFragment() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  state.text = parameters.get("words") || "";
  state.highlight = trialsById.has(parameters.get("highlight")) ? parameters.get("highlight") : "";
  choose(name => parameters.getAll(name));
}

function fragment() {
  const parameters = new URLSearchParams(FACETS.flatMap(([name]) => chosen(name).map(value => [name, value])));
  if (state.text) {
    parameters.set("words", state.text);
  }
  if (state.highlight) {
    parameters.set("highlight", state.highlight);
  }
  return parameters.toString();
}

function changed() {
  history.replaceState(null, "", `#${fragment()}`);
  showFilter();
  drawShown();
}

function highlight(id) {
  state.highlight = id;
  changed();
}

// Several values of each facet; trials that have one of them in each are shown.
function choice([name, title, value, format]) {
  const values = valuesOf([name, title, value]);
  const boxes = values.map(each => element("label", {},
    element("input", {type: "checkbox", name, value: String(each), onchange: () => {
      state.chosen[name] = boxes.map(label => label.firstChild).filter(box => box.checked).map(box => box.value);
      changed();
    }}), format(each)));
  return element("details", {class: "choice", "data-facet": name}, element("summary", {}, title), element("div", {}, boxes));
}

function filter() {
  return element("section", {id: "filter", class: "filter wide", "aria-label": "Filter"},
    choices().map(choice),
    element("label", {}, "Words", element("input", {id: "text", type: "search", oninput: event => { state.text = event.target.value; changed(); }})),
    element("label", {}, "Highlight",
      element("select", {id: "highlight", onchange: event => highlight(event.target.value)},
        element("option", {value: ""}, "none"), trials.map(trial => element("option", {value: trial.trial_id}, trial.label)))),
    element("button", {type: "button", id: "clear", onclick: () => { Object.assign(state, {text: "", chosen: {}, highlight: ""}); changed(); }}, "Show all"));
}

// Brings the controls in line with the state.
function showFilter() {
  document.getElementById("text").value = state.text;
  document.getElementById("highlight").value = state.highlight;
  document.getElementById("clear").disabled = fragment() === "";
  for (const facet of choices()) {
    const details = document.querySelector(`[data-facet="${facet[0]}"]`);
    if (!details) {
      continue; // the filter is older than the choice, while somebody uses it
    }
    const formatted = valuesOf(facet).filter(value => chosen(facet[0]).includes(String(value))).map(facet[3]);
    details.firstChild.textContent = `${facet[1]}: ${formatted.length === 0 ? "all" : formatted.length > 2 ? `${formatted.length} of ${valuesOf(facet).length}` : formatted.join(", ")}`;
    details.querySelectorAll("input").forEach(box => { box.checked = chosen(facet[0]).includes(box.value); });
  }
}

addEventListener("hashchange", () => { readFragment(); showFilter(); drawShown(); });
// An open list of choices closes when something else is clicked or has the focus, and on Escape.
["click", "focusin"].forEach(type => addEventListener(type, event => document.querySelectorAll(".choice[open]").forEach(open => {
  open.open = open.contains(event.target);
})));
addEventListener("keydown", event => {
  const open = event.key === "Escape" && document.querySelector(".choice[open]");
  if (open) {
    open.open = false;
    open.firstChild.focus();
  }
});
