// What a search found: how the loss fell, which settings matter, how far each candidate went.
const explored = () => ofSearch || data.varied.length > 1;

// The order in which trials were tried: by candidate, in a grid by time; those that are running, whose time is not known yet, come last.
function tried(shown) {
  const before = (a, b, absent) => a === b ? 0 : missing(a) ? absent : missing(b) ? -absent : a < b ? -1 : 1;
  const started = trial => missing(trial.started_at) ? undefined : Date.parse(trial.started_at); // in the tables' zone or in UTC
  return shown.slice().sort((a, b) => before(a.candidate, b.candidate, -1) || before(started(a), started(b), 1) || before(a.trial_id, b.trial_id));
}

const stopped = trial => trial.status === "STOPPED";
const found = trial => trial.status !== "FAILED" && !missing(trial.best_valid_loss);

// Trials as points, a series per style; those that were stopped are hollow.
function points(shown, at, more) {
  return styles.map(style => ({
    type: "scatter",
    color: styleColour(style),
    symbolSize: 8,
    ...more,
    data: shown.filter(trial => styleOf(trial) === style).map(trial => ({
      value: at(trial),
      trial,
      symbol: stopped(trial) ? "emptyCircle" : "circle",
      symbolSize: trial.trial_id === state.highlight ? 16 : 8,
      itemStyle: {opacity: emphasis(trial.trial_id).opacity},
    })),
  }));
}

function historyOfLoss(shown, width) {
  const order = tried(shown);
  const what = ofSearch ? "candidates" : "trials";
  const across = width < 600 ? 1 : 2;
  const tall = printing() ? 170 : 290;
  let [epochs, lowest] = [0, Infinity];
  const rows = order.map((trial, index) => {
    epochs += trial.epochs_run || 0;
    lowest = found(trial) ? Math.min(lowest, trial.best_valid_loss) : lowest;
    return {trial, tried: index + 1, epochs, lowest: Number.isFinite(lowest) ? lowest : undefined};
  });
  const of = new Map(rows.map(row => [row.trial.trial_id, row]));
  const losses = order.filter(found).map(trial => trial.best_valid_loss);
  const end = upperEnd(losses);
  const plot = (x, index) => [
    ...points(order.filter(found), trial => [of.get(trial.trial_id)[x], trial.best_valid_loss], {xAxisIndex: index, yAxisIndex: index}),
    {type: "line", step: "end", showSymbol: false, silent: true, color: colours("--text")[0], xAxisIndex: index, yAxisIndex: index,
      data: rows.filter(row => !missing(row.lowest)).map(row => [row[x], row.lowest])},
  ];
  return {
    title: "Optimisation history",
    note: `Lowest validation loss of each trial, nats per token, over the ${what} and over the epochs spent so far; the line is the lowest so far.`
      + aboveAxis(end)
      + (order.some(stopped) ? " A hollow point is a trial that was stopped." : "")
      + (leftOut().length ? " Only the trials of this page are counted." : ""),
    key: true,
    absent: !explored(),
    empty: losses.length === 0,
    height: tall * 2 / across,
    option: {
      grid: gridOf(2, across, tall, width),
      tooltip: {formatter: item => item.data.trial ? `${item.data.trial.label}\n${loss(item.value[1])}${stopped(item.data.trial) ? ", stopped" : ""}` : ""},
      xAxis: [axis(what, {type: "value", min: 0, gridIndex: 0}), axis("epochs spent", {type: "value", min: 0, gridIndex: 1})],
      yAxis: [0, 1].map(gridIndex => lossAxis(end, {gridIndex})),
      series: [...plot("tried", 0), ...plot("epochs", 1)],
    },
    header: [what, "epochs spent", "trial", "status", "loss", "lowest so far"],
    rows: () => rows.map(row => [row.tried, row.epochs, row.trial.label, row.trial.status, found(row.trial) ? loss(row.trial.best_valid_loss) : "", loss(row.lowest)]),
  };
}

// Where plots side by side in one chart stand, `across` in a row.
function gridOf(count, across, height, width) {
  return Array.from({length: count}, (_, index) => ({
    left: index % across * width / across + 58,
    width: width / across - 74,
    top: Math.floor(index / across) * height + 14,
    height: height - 66,
  }));
}

function slices(shown, width) {
  const lines = shown.filter(found);
  const across = Math.max(1, Math.min(axes.length, Math.floor(width / (printing() ? 170 : 280))));
  const tall = printing() ? 140 : 240;
  const end = upperEnd(lines.map(trial => trial.best_valid_loss));
  // A few values are choices; more numbers are a scale.
  const scales = axes.map(({values, ...setting}) => {
    if (!setting.numeric || values.length <= 6) {
      return {type: "category", data: values.map(short), axisLabel: {hideOverlap: true}};
    }
    const axisLabel = {hideOverlap: true, formatter: rate};
    return setting.logarithmic
      ? {type: "log", min: least(values) / 1.2, max: greatest(values) * 1.2, axisLabel: {...axisLabel, showMinLabel: false, showMaxLabel: false}}
      : {type: "value", scale: true, axisLabel};
  });
  const at = (trial, index) => scales[index].type === "category" ? short(axes[index].of(trial)) : axes[index].of(trial);
  return {
    title: "Loss against each setting",
    note: "Lowest validation loss of each trial, nats per token, against each setting that the sweep varies." + aboveAxis(end),
    key: true,
    absent: !explored() || axes.length === 0,
    empty: lines.length === 0,
    height: Math.ceil(axes.length / across) * tall,
    option: {
      grid: gridOf(axes.length, across, tall, width),
      tooltip: {formatter: item => `${item.data.trial.label}\n${loss(item.value[1])}`},
      xAxis: axes.map((setting, gridIndex) => axis(setting.name, {gridIndex, ...scales[gridIndex]})),
      yAxis: axes.map((_, gridIndex) => lossAxis(end, {gridIndex, name: ""})),
      series: axes.flatMap((setting, index) =>
        points(lines.filter(trial => !missing(setting.of(trial))),
          trial => [at(trial, index), trial.best_valid_loss],
          {xAxisIndex: index, yAxisIndex: index})),
    },
    header: ["trial", ...axes.map(setting => setting.name), "loss"],
    rows: () => lines.map(trial => [trial.trial_id, ...axes.map(setting => short(setting.of(trial))), loss(trial.best_valid_loss)]),
  };
}

// Without a minus before 0.00.
const hundredths = value => (Math.round(100 * value) / 100 || 0).toFixed(2);

function importance() {
  const {settings = [], notes = []} = data.importance || {};
  const [text] = colours("--text");
  return {
    title: "Importance of the settings",
    note: `Share of the variance of the losses that a setting causes, alone or together with others: ${notes.join("; ")}. How to read it: docs/importance.md.`,
    absent: !data.importance,
    empty: settings.length === 0 ? `${notes.join("; ")}.` : false,
    height: 60 + settings.length * (printing() ? 20 : 34),
    option: {
      grid: {left: 10, right: 60, top: 8, bottom: 40, containLabel: true},
      tooltip: {formatter: item => `${item.name}: ${item.value.toFixed(3)}`},
      xAxis: axis("share of the variance", {type: "value", min: value => Math.min(0, value.min)}),
      yAxis: {type: "category", inverse: true, data: settings.map(setting => setting.name)},
      series: [{
        type: "bar",
        barMaxWidth: 20,
        color: colours("--link")[0],
        label: {show: true, position: "right", color: text, formatter: item => hundredths(item.value)},
        data: settings.map(setting => setting.share),
      }],
    },
    header: ["setting", "share", "standard deviation"],
    rows: () => settings.map(setting => [setting.name, setting.share.toFixed(3), setting.spread.toFixed(3)]),
  };
}

// Verdicts of the stopping rule. Those of a run are in the tables when it has ended, so its page counts none.
const rungRows = () => isRun() ? [] : data.rungs || [];

function rungs(shown) {
  const order = tried(shown);
  const epochsOf = rung => distinct(rungRows().filter(row => row.rung === rung).map(row => row.epoch)).join(", ");
  const numbers = distinct(rungRows().map(row => row.rung)).sort(ascending);
  const summary = numbers.length > 8 ? [] : numbers.map(rung => {
    const rows = rungRows().filter(row => row.rung === rung);
    return `rung ${rung}, after epoch ${epochsOf(rung)}: ${total(rows, "reached")} reached it, ${total(rows, "stopped")} stopped`;
  });
  const [quiet] = colours("--quiet");
  return {
    title: "Rungs",
    note: `How many epochs each ${ofSearch ? "candidate" : "trial"} was trained. A pale bar is a trial that was stopped. ${summary.join("; ")}${summary.length ? "." : ""}`,
    key: true,
    absent: !trials.some(stopped) && rungRows().length === 0,
    empty: order.length === 0,
    option: {
      grid: {left: 50, right: 16, top: 16, bottom: 48},
      tooltip: {formatter: item => `${item.data.trial.label}\n${count(item.value[1], "epoch")}: ${plain(item.data.trial.reason) || item.data.trial.status.toLowerCase()}`},
      xAxis: axis(ofSearch ? "candidate" : "trial", {type: "category", data: order.map((trial, index) => String(missing(trial.candidate) ? index + 1 : trial.candidate))}),
      yAxis: axis("epochs", {type: "value", minInterval: 1, nameGap: 34}),
      series: [{
        type: "bar",
        barCategoryGap: "10%",
        data: order.map((trial, index) => ({
          value: [index, trial.epochs_run],
          trial,
          itemStyle: {color: styleColour(styleOf(trial)), opacity: stopped(trial) ? 0.35 : 1},
        })),
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: {color: quiet, type: "dotted"},
          label: {color: quiet, position: "insideEndTop", formatter: "{b}"},
          data: summary.length ? numbers.map(rung => ({yAxis: Number(epochsOf(rung).split(",")[0]), name: `rung ${rung}`})) : [],
        },
      }],
    },
    header: ["candidate", "trial", "epochs", "status", "reason"],
    rows: () => order.map(trial => [plain(trial.candidate), trial.label, trial.epochs_run, trial.status, plain(trial.reason)]),
  };
}
