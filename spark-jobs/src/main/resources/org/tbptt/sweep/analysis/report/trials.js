// The table of all trials: filtered with the charts, sorted by any column.
const columns = () => [
  ...(ofSearch ? [["candidate", trial => trial.candidate]] : []),
  ["status", trial => trial.status],
  ["truncation", trial => trial.truncation],
  ["bptt_steps", trial => trial.bptt_steps],
  ["seq_len", trial => trial.seq_len],
  ["learning rate", trial => trial.learning_rate, rate],
  ...data.varied.map(name => [name, trial => trial[name], short]),
  ["seed", trial => trial.seed],
  ["lowest loss", trial => trial.best_valid_loss, loss],
  ["in epoch", trial => trial.best_epoch],
  ["epochs", trial => trial.epochs_run],
  ["seconds", trial => trial.train_seconds, seconds],
  ["tokens/s", trial => trial.tokens_per_second, amount],
  ["engine", trial => [trial.engine, trial.isa === trial.engine ? "" : trial.isa].filter(Boolean).join(" ")],
  ["host", trial => trial.host],
  ["reason", trial => trial.reason],
];

// Missing values come last, whichever way the others are sorted.
function sorted(shown) {
  const [, value] = columns().find(([name]) => name === state.sort);
  return shown.slice().sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (missing(x) || missing(y)) {
      return missing(x) - missing(y);
    }
    const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y));
    return state.descending ? -order : order;
  });
}

function trialTable(shown) {
  const all = columns();
  const header = all.map(([name], index) => {
    const current = name === state.sort;
    const mark = current ? (state.descending ? " ▼" : " ▲") : "";
    return element("th", {scope: "col", "aria-sort": current ? (state.descending ? "descending" : "ascending") : false},
      element("button", {type: "button", "data-sort": index, onclick: () => sortBy(name, index)}, name + mark));
  });
  const rows = sorted(shown).map(trial => {
    const current = trial.trial_id === state.highlight;
    return element("tr", {"aria-current": current},
      element("td", {}, element("button", {type: "button", title: "highlight in the charts", onclick: () => highlight(current ? "" : trial.trial_id)}, trial.trial_id)),
      all.map(([, value, format = plain]) => cell(format(value(trial)))));
  });
  return element("div", {class: "scroll", tabindex: 0},
    element("table", {id: "trials"},
      element("thead", {}, element("tr", {}, element("th", {scope: "col"}, "trial"), header)),
      element("tbody", {}, rows)));
}

function sortBy(name, index) {
  state.descending = state.sort === name && !state.descending;
  state.sort = name;
  drawTrials();
  document.querySelector(`[data-sort="${index}"]`).focus();
}
