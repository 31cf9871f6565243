// What each chart shows: its title, a note, ECharts' options and, made when it is opened, the table behind it.
const LINES = ["solid", "dashed", "dotted"];
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "arrow"];

// The page's colours, read once per drawing: a chart asks for each line.
const readColours = new Map();

function colours(name) {
  if (!readColours.has(name)) {
    readColours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).split(",").map(colour => colour.trim()));
  }
  return readColours.get(name);
}

const styleColour = style => colours("--styles")[styles.indexOf(style) % colours("--styles").length];
// A search has too many rates to tell them apart.
const lineType = learningRate => ofSearch ? LINES[0] : LINES[rates.indexOf(learningRate) % LINES.length];

// A few runaway losses must not flatten all others: the axis ends where nearly all do.
function upperEnd(values) {
  const sorted = Float64Array.from(values).sort();
  const usual = sorted[Math.floor(0.95 * (sorted.length - 1))];
  const highest = sorted[sorted.length - 1];
  return highest > 2 * usual ? usual * 1.05 : undefined;
}

// The first epochs' losses, far above all later ones, must not flatten these: the axis then ends where those after the first tenth do.
function upperEndOfCurves(curves) {
  const all = curves.flat().filter(value => !missing(value));
  const later = curves.flatMap(values => values.slice(Math.ceil(values.length / 10))).filter(value => !missing(value));
  const lowest = least(all);
  const end = upperEnd(later) || greatest(later);
  const step = 10 ** Math.floor(Math.log10(end - lowest));
  return step > 0 && greatest(all) - lowest > 2 * (end - lowest) ? Number((Math.ceil(end / step) * step).toPrecision(6)) : upperEnd(all);
}

const aboveAxis = end => end === undefined ? "" : " Higher losses are in the table.";
const axis = (name, more) => ({name, nameLocation: "middle", nameGap: 28, ...more});
const lossAxis = (max, more) => axis("nats per token", {type: "value", scale: true, nameGap: 44, max, ...more});

// A highlighted trial stands out, the others step back.
function emphasis(id) {
  if (!state.highlight) {
    return {width: 1.5, opacity: 0.8};
  }
  return id === state.highlight ? {width: 4, opacity: 1} : {width: 1, opacity: 0.15};
}

function heatMap() {
  const toPublished = point => point.valid_loss - point.published_loss;
  const row = point => [`${point.bptt_steps}  ${point.truncation}`].concat(data.varied.map(name => point[name])).join("  ");
  const rows = distinct(data.losses.map(row));
  const columns = distinct(data.losses.map(point => point.learning_rate)).sort((a, b) => b - a);
  const at = point => [columns.indexOf(point.learning_rate), rows.indexOf(row(point))];
  const found = data.losses.filter(point => !missing(point.valid_loss));
  const published = found.find(point => !missing(point.published_loss));
  const losses = found.map(point => point.valid_loss);
  const low = least(losses);
  const high = upperEnd(losses) || greatest(losses);
  const ramp = colours("--ramp");
  const dark = !printing() && matchMedia("(prefers-color-scheme: dark)").matches;
  const light = value => (value - low) / (high - low || 1) < 0.3 ? !dark : dark;
  const text = point => point.valid_loss.toFixed(3) + (missing(point.published_loss) ? "" : `\n[${point.published_loss.toFixed(2)} ${signed(toPublished(point))}]`) + (isWorse(point.valid_loss, point.corpus_id) ? `\n${WORSE}` : "");
  return {
    title: "Lowest validation loss",
    note: "Nats per token, mean over seeds; a row per truncation, a column per learning rate. The stronger the colour, the lower the loss."
      + (data.lines > rows.length ? ` Of ${amount(data.lines)} rows the ${rows.length} with the lowest losses.` : "")
      + (published ? ` In brackets: published after ${published.published_epochs} epochs by ${published.published_by}, and the difference.` : ""),
    height: printing() ? Math.min(60 + rows.length * 32, 350) : 80 + rows.length * 40,
    absent: ofSearch,
    empty: data.losses.length === 0,
    option: {
      grid: {left: 20, right: 10, top: 10, bottom: 40, containLabel: true},
      tooltip: {formatter: item => `${rows[item.value[1]]}, lr ${rate(columns[item.value[0]])}: ${item.data.words}`},
      xAxis: axis("learning rate", {type: "category", data: columns.map(rate), splitArea: {show: false}}),
      yAxis: {type: "category", data: rows, inverse: true},
      visualMap: {show: false, min: low, max: high, inRange: {color: ramp}, seriesIndex: 0},
      series: [{
        type: "heatmap",
        data: found.map(point => ({
          value: [...at(point), point.valid_loss],
          words: `${loss(point.valid_loss)}${missing(point.standard_error) ? "" : ` ±${point.standard_error.toFixed(4)}`}, ${count(point.seeds, "seed")}`,
          label: {show: true, formatter: text(point), lineHeight: 15, color: light(point.valid_loss) ? "#ffffff" : "#10151a"},
        })),
      }, {
        type: "scatter",
        symbolSize: 1,
        data: data.losses.filter(point => missing(point.valid_loss)).map(point => {
          const words = point.diverged ? "diverged" : point.stopped ? "stopped" : "failed";
          return {value: at(point), words, label: {show: true, formatter: words, color: colours("--quiet")[0]}};
        }),
      }],
    },
    header: ["bptt_steps", "truncation", ...data.varied, "learning rate", "loss", "standard error", "seeds", "diverged", "failed", "stopped", "published", "difference"],
    rows: () => data.losses.map(point => [point.bptt_steps, point.truncation, ...data.varied.map(name => point[name]), rate(point.learning_rate),
      loss(point.valid_loss), loss(point.standard_error), point.seeds, point.diverged, point.failed, point.stopped, plain(point.published_loss),
      missing(point.published_loss) || missing(point.valid_loss) ? "" : signed(toPublished(point))]),
  };
}

// Losses to compare with: entropies of generated data, or what needs no network.
function levels() {
  const [quiet] = colours("--quiet");
  return {
    type: "line",
    data: [],
    markLine: {
      silent: true,
      symbol: "none",
      precision: 6,
      lineStyle: {color: quiet, type: "dotted"},
      label: {position: "insideEndBottom", formatter: "{b}", color: quiet},
      data: data.levels.map(level => ({yAxis: level.loss, name: level.name})),
    },
  };
}

const lower = values => Math.floor((least(values) - 0.02) * 20) / 20;
const upper = values => Math.ceil((greatest(values) + 0.02) * 20) / 20;

// One series for all trials' lines: a series each costs ECharts a hundred times as much. Points: [x, y] of a trial.
function linePerTrial(shown, points) {
  const style = trial => ({color: styleColour(styleOf(trial)), type: lineType(trial.learning_rate), ...emphasis(trial.trial_id)});
  const drawn = shown.map(trial => ({name: trial.trial_id, coords: points(trial), lineStyle: style(trial)}))
    // What comes last is on top.
    .sort((a, b) => (a.name === state.highlight) - (b.name === state.highlight));
  return [
    {id: "lines", type: "lines", coordinateSystem: "cartesian2d", polyline: true,
      emphasis: {focus: "self", lineStyle: {width: 4, opacity: 1}}, data: drawn.filter(line => line.coords.length > 1)},
    {id: "points", type: "scatter", symbolSize: 5, data: drawn.filter(line => line.coords.length === 1)
      .map(({name, coords, lineStyle}) => ({name, value: coords[0], itemStyle: {color: lineStyle.color, opacity: lineStyle.opacity}}))},
  ];
}

// More lines are one blot.
const MOST_CURVES = 500;

// The highlighted trial and those with the lowest losses.
function withLowestLosses(shown) {
  const of = trial => trial.trial_id === state.highlight ? -Infinity : missing(trial.best_valid_loss) ? Infinity : trial.best_valid_loss;
  return shown.length > MOST_CURVES ? shown.slice().sort((a, b) => of(a) === of(b) ? 0 : of(a) - of(b)).slice(0, MOST_CURVES) : shown;
}

function curves(shown) {
  const drawable = shown.filter(trial => data.curves[trial.trial_id]);
  const lines = withLowestLosses(drawable);
  const valid = trial => data.curves[trial.trial_id].valid;
  const points = trial => valid(trial).map((value, index) => [index + 1, value]).filter(([, value]) => !missing(value));
  const all = lines.flatMap(valid).filter(value => !missing(value));
  const end = upperEndOfCurves(lines.map(valid));
  const words = trial => {
    const [epoch, lowest] = points(trial).reduce((a, b) => b[1] < a[1] ? b : a);
    return `${trial.label}\nlowest: ${loss(lowest)} in epoch ${epoch} of ${valid(trial).length}`;
  };
  return {
    title: "Learning curves",
    note: `Validation loss after each epoch, nats per token. A colour per style${ofSearch ? "" : ", a dash per learning rate"}. Point at a line, or choose a trial under Highlight.`
      + aboveAxis(end)
      + (drawable.length > lines.length ? ` Of ${amount(drawable.length)} trials the ${lines.length} with the lowest losses.` : ""),
    key: true,
    empty: all.length === 0,
    option: {
      grid: {left: 60, right: 16, top: 16, bottom: 48},
      tooltip: {formatter: ({name}) => words(trialsById.get(name))},
      xAxis: axis("epoch", {type: "value", minInterval: 1, min: 1, max: Math.max(2, greatest(lines.map(trial => valid(trial).length)))}),
      yAxis: lossAxis(end || upper(all), {min: lower(all.concat(data.levels.map(level => level.loss)))}),
      series: [...linePerTrial(lines, points), levels()],
    },
    header: ["trial", "loss after epoch 1, 2, …"],
    rows: () => lines.map(trial => [trial.label, valid(trial).map(loss).join("  ")]),
  };
}

function learningRates() {
  const points = data.losses.filter(point => !missing(point.valid_loss));
  const columns = distinct(points.map(point => point.learning_rate)).sort(ascending);
  const name = point => [`${point.truncation}, bptt_steps ${point.bptt_steps}`].concat(data.varied.filter(key => !missing(point[key])).map(key => `${key} ${short(point[key])}`)).join(", ");
  const names = distinct(points.map(name));
  const series = names.map(series => points.filter(point => name(point) === series));
  const end = upperEnd(points.map(point => point.valid_loss));
  return {
    title: "Loss against learning rate",
    note: "Mean of the lowest validation losses over seeds, nats per token; bars are standard errors. A colour per style, a symbol per bptt_steps." + aboveAxis(end),
    key: true,
    absent: ofSearch,
    empty: points.length === 0,
    option: {
      grid: {left: 60, right: 16, top: 16, bottom: 48},
      tooltip: {formatter: item => `${item.seriesName}\nlr ${rate(columns[item.value[0]])}: ${loss(item.value[1])}`},
      xAxis: axis("learning rate", {type: "category", data: columns.map(rate)}),
      yAxis: lossAxis(end),
      series: series.flatMap((points, index) => {
        const color = styleColour(styleOf(points[0]));
        const at = point => columns.indexOf(point.learning_rate);
        return [{
          type: "line",
          name: names[index],
          color,
          symbol: SYMBOLS[depths.indexOf(points[0].bptt_steps) % SYMBOLS.length],
          symbolSize: 9,
          emphasis: {focus: "series"},
          data: points.map(point => [at(point), point.valid_loss]).sort((a, b) => a[0] - b[0]),
        }, {
          type: "custom",
          silent: true,
          clip: true,
          encode: {x: 0, y: [1, 2]},
          renderItem: errorBar(color),
          data: points.filter(point => point.standard_error).map(point =>
            [at(point), point.valid_loss - point.standard_error, point.valid_loss + point.standard_error]),
        }];
      }),
    },
    header: ["truncation", "learning rate", "loss", "standard error", "seeds"],
    rows: () => points.map(point => [name(point), rate(point.learning_rate), loss(point.valid_loss), loss(point.standard_error), point.seeds]),
  };
}

function errorBar(color) {
  return (parameters, api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const high = api.coord([api.value(0), api.value(2)])[1];
    return {type: "line", shape: {x1: x, y1: low, x2: x, y2: high}, style: {stroke: color, lineWidth: 1.5}};
  };
}

function parallel(shown, narrow) {
  const lines = shown.filter(found);
  const names = ["style", "bptt_steps", "seq_len", "learning_rate", ...data.varied, "train_seconds", "best_valid_loss"];
  // Many numbers are a scale of their own; few are told apart by their words.
  const many = name => axes.some(setting => setting.name === name && setting.numeric) && distinct(trials.map(trial => trial[name])).length > 12;
  const words = ["style", "learning_rate"].concat(data.varied).filter(name => !many(name));
  const of = (trial, name) => name === "style" ? styleOf(trial) : trial[name];
  const value = (trial, name) => words.includes(name) ? short(of(trial, name)) : of(trial, name);
  const halo = {textBorderColor: colours("--panel")[0], textBorderWidth: 3};
  return {
    height: narrow ? 60 + names.length * 75 : undefined,
    title: "Every setting of every trial",
    note: "A line per trial, from its settings to its training time in seconds and its lowest validation loss. Drag along an axis to choose.",
    key: true,
    empty: lines.length === 0,
    option: {
      parallel: narrow
        ? {left: 20, right: 20, top: 40, bottom: 30, layout: "vertical"}
        : {left: 50, right: 60, top: 40, bottom: 24},
      parallelAxis: names.map((name, dim) => ({
        dim,
        name,
        nameLocation: "start",
        type: words.includes(name) ? "category" : name === "learning_rate" ? "log" : "value",
        scale: true,
        nameGap: narrow ? 8 : 14,
        nameTextStyle: {...halo, ...(narrow ? {align: "left", verticalAlign: "bottom", padding: [0, 0, 8, 0]} : {})},
        axisLabel: halo,
        data: words.includes(name) ? distinct(trials.map(trial => of(trial, name) ?? null)).sort(inOrder).map(short) : undefined,
      })),
      series: {
        type: "parallel",
        data: lines.map(trial => ({
          value: names.map(name => value(trial, name)),
          lineStyle: {color: styleColour(styleOf(trial)), ...emphasis(trial.trial_id)},
        })),
      },
    },
    header: ["trial", ...names],
    rows: () => lines.map(trial => [trial.trial_id, ...names.map(name => name === "best_valid_loss" ? loss(trial[name]) : name === "train_seconds" ? seconds(trial[name]) : value(trial, name))]),
  };
}

function cost(shown) {
  const points = shown.filter(found).sort((a, b) => a.train_seconds - b.train_seconds);
  let lowest = Infinity;
  const front = new Set();
  for (const trial of points) {
    if (trial.best_valid_loss < lowest) {
      lowest = trial.best_valid_loss;
      front.add(trial);
    }
  }
  const at = trial => ({value: [trial.train_seconds, trial.best_valid_loss], trial});
  const end = upperEnd(points.map(trial => trial.best_valid_loss));
  const spread = points.length > 0 && points[points.length - 1].train_seconds > 20 * points[0].train_seconds;
  return {
    title: "Loss against training time",
    note: "Lowest validation loss against seconds of training. The line joins the trials that none beats in both: the Pareto front." + aboveAxis(end),
    key: true,
    empty: points.length === 0,
    option: {
      grid: {left: 60, right: 24, top: 16, bottom: 48},
      tooltip: {formatter: item => `${item.data.trial.label}\n${seconds(item.value[0])} s: ${loss(item.value[1])}`},
      xAxis: axis("seconds of training", {type: spread ? "log" : "value", scale: true}),
      yAxis: lossAxis(end),
      series: styles.map(style => ({
        type: "scatter",
        color: styleColour(style),
        data: points.filter(trial => styleOf(trial) === style).map(trial => ({
          ...at(trial),
          symbol: SYMBOLS[depths.indexOf(trial.bptt_steps) % SYMBOLS.length],
          symbolSize: trial.trial_id === state.highlight ? 18 : 9,
          itemStyle: {opacity: emphasis(trial.trial_id).opacity},
        })),
      })).concat({type: "line", step: "end", color: colours("--quiet")[0], showSymbol: false, data: [...front].map(at)}),
    },
    header: ["trial", "seconds", "loss", "on the front"],
    rows: () => points.map(trial => [trial.label, seconds(trial.train_seconds), loss(trial.best_valid_loss), front.has(trial) ? "yes" : ""]),
  };
}

function lags(shown) {
  const measured = shown.filter(trial => data.diagnoses[trial.trial_id]);
  const lines = withLowestLosses(measured);
  const norms = trial => data.diagnoses[trial.trial_id].phi;
  const points = trial => norms(trial).map((norm, lag) => [lag, norm]).filter(([, norm]) => norm > 0);
  const all = lines.flatMap(norms).filter(norm => norm > 0);
  const within95 = trial => points(trial).filter(([lag]) => lag === trial.lag95)
    .map(value => ({name: trial.trial_id, value, itemStyle: {color: styleColour(styleOf(trial)), opacity: emphasis(trial.trial_id).opacity}}));
  return {
    title: "Gradient norm by lag",
    note: "How much of a loss reaches the state k steps before it: mean L2 norm of dloss/dh, nats per token, when last measured. The diamond marks the lag within which 95% of the sum lies."
      + (measured.length > lines.length ? ` Of ${amount(measured.length)} trials the ${lines.length} with the lowest losses.` : ""),
    key: true,
    absent: !trials.some(trial => data.diagnoses[trial.trial_id]),
    empty: lines.length === 0,
    option: {
      grid: {left: 70, right: 16, top: 16, bottom: 48},
      tooltip: {formatter: ({name}) => `${trialsById.get(name).label}\n95% within lag ${plain(trialsById.get(name).lag95)}`},
      xAxis: axis("lag k, steps", {type: "value", minInterval: 1, max: greatest(lines.map(trial => norms(trial).length)) - 1}),
      yAxis: axis("norm", {type: "log", nameGap: 54, min: 10 ** Math.floor(Math.log10(least(all))), max: 10 ** Math.ceil(Math.log10(greatest(all))),
        axisLabel: {formatter: value => value.toExponential(0)}}),
      series: [...linePerTrial(lines, points), {type: "scatter", symbol: "diamond", symbolSize: 13, z: 3, data: lines.flatMap(within95)}],
    },
    header: ["trial", "95% lag", "99% lag", "decay per step", "norm at lag 0, 1, 2, …"],
    rows: () => lines.map(trial => [trial.label, plain(trial.lag95), plain(trial.lag99), missing(trial.decay_rate) ? "" : trial.decay_rate.toFixed(3),
      norms(trial).map(norm => missing(norm) ? "" : norm.toExponential(2)).join("  ")]),
  };
}

// The gradient's relative bias and the validation loss after each epoch at which the bias was measured: [[bias, loss, epoch], ...]
function biasesAndLosses(trial) {
  const losses = (data.curves[trial.trial_id] || {valid: []}).valid;
  return ((data.diagnoses[trial.trial_id] || {}).bias || []).map(({epoch, relative}) => [relative, losses[epoch - 1], epoch])
    .filter(([relative, reached]) => !missing(relative) && !missing(reached));
}

function bias(shown) {
  const measured = shown.filter(trial => biasesAndLosses(trial).length > 0);
  const lines = withLowestLosses(measured);
  const last = trial => biasesAndLosses(trial).at(-1);
  const all = lines.flatMap(biasesAndLosses).map(([, reached]) => reached);
  const end = upperEndOfCurves(lines.map(trial => biasesAndLosses(trial).map(([, reached]) => reached)));
  const ends = lines.map(trial => ({
    name: trial.trial_id,
    value: last(trial),
    symbol: SYMBOLS[depths.indexOf(trial.bptt_steps) % SYMBOLS.length],
    symbolSize: trial.trial_id === state.highlight ? 18 : 10,
    itemStyle: {color: styleColour(styleOf(trial)), opacity: emphasis(trial.trial_id).opacity},
  }));
  return {
    title: "Validation loss against the gradient's bias",
    note: "How far the style's gradient is from that of full backpropagation, relative to it, and the validation loss, after each epoch at which the bias was measured. A line per trial; the symbol is its last epoch."
      + aboveAxis(end)
      + (measured.length > lines.length ? ` Of ${amount(measured.length)} trials the ${lines.length} with the lowest losses.` : ""),
    key: true,
    absent: !trials.some(trial => biasesAndLosses(trial).length > 0),
    empty: lines.length === 0,
    option: {
      grid: {left: 60, right: 24, top: 16, bottom: 48},
      tooltip: {formatter: ({name}) => `${trialsById.get(name).label}\nepoch ${last(trialsById.get(name))[2]}: bias ${last(trialsById.get(name))[0].toFixed(3)}, loss ${loss(last(trialsById.get(name))[1])}`},
      xAxis: axis("relative bias of the gradient", {type: "value", min: 0, max: Math.ceil(10 * greatest(lines.flatMap(biasesAndLosses).map(([relative]) => relative))) / 10}),
      yAxis: lossAxis(end || upper(all), {min: lower(all)}),
      series: [...linePerTrial(lines, trial => biasesAndLosses(trial).map(([relative, reached]) => [relative, reached])),
        {type: "scatter", z: 3, data: ends}],
    },
    header: ["trial", "epoch", "relative bias", "loss"],
    rows: () => lines.flatMap(trial => biasesAndLosses(trial).map(([relative, reached, epoch]) => [trial.label, epoch, relative.toFixed(4), loss(reached)])),
  };
}
