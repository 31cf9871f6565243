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
  ["epochs run", trial => trial.epochs_run],
  ["seconds", trial => trial.train_seconds, seconds],
  ["tokens/s", trial => trial.tokens_per_second, amount],
  ["engine", trial => [trial.engine, trial.isa === trial.engine ? "" : trial.isa].filter(Boolean).join(" ")],
  ["host", trial => trial.host],
  ["reason", trial => [trial.reason, isWorse(trial.best_valid_loss, trial.corpus_id) && WORSE].filter(Boolean).join("; ")],
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

// A row that shows the same as before is not made again.
const trialRows = new Map();

function trialRow({trial_id}, values) {
  const current = trial_id === state.highlight;
  const shows = JSON.stringify([current, ...values]);
  if (!trialRows.has(trial_id)) {
    const onclick = () => highlight(trial_id === state.highlight ? "" : trial_id);
    const button = element("button", {type: "button", title: "highlight in the charts", onclick}, trial_id);
    trialRows.set(trial_id, {row: element("tr", {}, element("td", {}, button))});
  }
  const known = trialRows.get(trial_id);
  if (known.shows !== shows) {
    known.shows = shows;
    while (known.row.cells.length > 1) { // the button stays: it may have the focus
      known.row.lastChild.remove();
    }
    known.row.append(...values.map(cell));
    if (current) {
      known.row.setAttribute("aria-current", "true");
    } else {
      known.row.removeAttribute("aria-current");
    }
  }
  return known.row;
}

function trialTable() {
  return scrolling("Trials",
    element("table", {id: "trials"}, element("thead", {}, element("tr", {})), element("tbody", {})));
}

function drawTrialTable(shown) {
  const all = columns();
  const header = all.map(([name], index) => {
    const current = name === state.sort;
    const mark = current ? (state.descending ? " ▼" : " ▲") : "";
    return element("th", {scope: "col", "aria-sort": current ? (state.descending ? "descending" : "ascending") : false},
      element("button", {type: "button", "data-sort": index, onclick: () => sortBy(name, index)}, name + mark));
  });
  const {tHead, tBodies: [body]} = document.getElementById("trials");
  show(tHead.rows[0], [element("th", {scope: "col"}, "trial"), ...header]);
  const rows = sorted(shown).slice(0, MOST_ROWS).map(trial => trialRow(trial, all.map(([, value, format = plain]) => format(value(trial)))));
  // Rows that stay where they are, are not laid out again.
  const stay = new Set(rows);
  [...body.rows].filter(row => !stay.has(row)).forEach(row => row.remove());
  let next = body.firstChild;
  for (const row of rows) {
    if (row === next) {
      next = next.nextSibling;
    } else {
      body.insertBefore(row, next);
    }
  }
}

function sortBy(name, index) {
  state.descending = state.sort === name && !state.descending;
  state.sort = name;
  drawTrials();
  document.querySelector(`[data-sort="${index}"]`).focus();
}
