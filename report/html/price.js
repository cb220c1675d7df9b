// Price with entries and exits. There may be half a million candles; the chart never holds more than a few thousand:
// those in view and as many on either side, so many of them in one that they can be told apart. When the view moves or
// narrows, the next ones are put in its place, in the end the candles as they are.

const IN_VIEW_MAX = 2000; // candles on screen
const IN_VIEW_FEW = 500; // fewer are replaced by finer ones
const MARK_PIXELS = 5; // room for one; where there is less, one trade in so many is marked

/** Candles `from` … `to` of the columns, each `group` of them as one. */
function regroup(columns, from, to, group) {
  const rows = [];
  for (let i = from; i < to; i += group) {
    const end = Math.min(i + group, to);
    let high = columns.highs[i];
    let low = columns.lows[i];
    for (let j = i + 1; j < end; j++) {
      high = Math.max(high, columns.highs[j]);
      low = Math.min(low, columns.lows[j]);
    }
    rows.push({ time: columns.times[i], open: columns.opens[i], high, low, close: columns.closes[end - 1] });
  }
  return rows;
}

/** Fills of the instrument's trades in order: where on the price they are, and what to say. */
function marksOf(instrument, columns) {
  const place = (time, price) => {
    const at = Math.max(lastNotAbove(columns.times, time), 0);
    const slack = Math.abs(price) * 0.002;
    const holds = (i) => i >= 0 && price >= columns.lows[i] - slack && price <= columns.highs[i] + slack;
    // What fills while a bar runs is stamped with its end, where the next one begins.
    return columns.times[at] === time && !holds(at) && holds(at - 1) ? at - 1 : at;
  };
  const marks = [];
  let nth = 0; // counted within the instrument, so that thinning out takes whole trades of each
  trades.forEach((trade, index) => {
    if (trade.instrument === instrument) {
      marks.push({ at: place(trade.entry, trade.entryPrice), buy: trade.side > 0, entry: true, index, trade, nth });
      marks.push({ at: place(trade.exit, trade.exitPrice), buy: trade.side < 0, entry: false, index, trade, nth });
      nth++;
    }
  });
  for (const open of run.trades.open.filter((one) => one.instrument === instrument)) {
    marks.push({ at: place(open.entry, open.entryPrice), buy: open.side > 0, entry: true, index: -1, open, nth: 0 });
  }
  return marks.sort((a, b) => a.at - b.at || a.index - b.index);
}

function tradeWords(trade) {
  const side = trade.side > 0 ? "long" : "short";
  return (
    `Trade ${trade.id}: ${side} ${quantity(trade.quantity)}, ${tradePrice(trade, trade.entryPrice)} on ` +
    `${moment(trade.entry)} to ${tradePrice(trade, trade.exitPrice)} on ${moment(trade.exit)}, ` +
    `${signed(trade.net, money(trade.net))} (${signed(trade.fraction, percent(trade.fraction))})`
  );
}

const tradePrice = (trade, price) => priceText(price, run.instruments[trade.instrument].decimals);

/** A price in its instrument's places. */
function priceText(price, decimals) {
  return fixed(price, Math.min(decimals, 8));
}

function drawPrice() {
  if (run.prices.length === 0) {
    byId("price-chart").hidden = true;
    fill("price-hint", "No bar fell into the run, so there are no prices.");
    return null;
  }
  const shown = { prices: null, columns: null, marks: [], from: 0, group: 1, rows: 0 };
  let series;
  let markers;
  const view = makeChart(
    "price-chart",
    "Price with entries and exits",
    () => shown.rows,
    {
      handleScale: { mouseWheel: true, pinch: true, axisPressedMouseMove: true, axisDoubleClickReset: true },
    },
    (c) => {
      series.applyOptions({
        upColor: faint(c.good, 0.75),
        downColor: faint(c.bad, 0.75),
        wickUpColor: c.good,
        wickDownColor: c.bad,
        borderUpColor: c.good,
        borderDownColor: c.bad,
      });
      mark();
    },
  );
  const { chart } = view;
  series = chart.addSeries(Library.CandlestickSeries, { priceLineVisible: false, lastValueVisible: false });
  markers = Library.createSeriesMarkers(series, []);
  const scale = chart.timeScale();

  /** First and last candle in view, in candles of the file; beyond its ends where there is room. */
  function inView() {
    const range = scale.getVisibleLogicalRange();
    return range === null
      ? null
      : { from: shown.from + range.from * shown.group, to: shown.from + range.to * shown.group };
  }

  function mark(range = inView()) {
    if (shown.columns === null || range === null) {
      return;
    }
    const c = colours();
    const visible = shown.marks.filter((one) => one.at >= range.from - 1 && one.at <= range.to + 1);
    const most = Math.max(Math.floor(scale.width() / MARK_PIXELS), 20);
    const step = Math.ceil(visible.length / most);
    const chosen = step <= 1 ? visible : visible.filter((one) => one.nth % step === 0);
    markers.setMarkers(
      chosen
        .filter((one) => one.at >= shown.from)
        .map((one) => ({
          time: shown.columns.times[shown.from + Math.floor((one.at - shown.from) / shown.group) * shown.group],
          position: one.buy ? "belowBar" : "aboveBar",
          shape: one.open !== undefined ? "circle" : one.buy ? "arrowUp" : "arrowDown",
          color: one.entry ? c.accent : one.trade.net >= 0 ? c.good : c.bad,
          size: step <= 1 ? 1 : 0.6,
          id: one.open === undefined ? String(one.index) : undefined,
        }))
        .sort((a, b) => a.time - b.time),
    );
    const { dataset } = byId("price-chart");
    dataset.entries = chosen.filter((one) => one.entry).length;
    dataset.exits = chosen.length - dataset.entries;
    hint(step, visible.length);
  }

  function hint(step, visible) {
    const { prices } = shown;
    const parts = [];
    const ticks = prices.interval === 0;
    if (ticks) {
      parts.push("Trades or quotes (their middle) of a second make a candle.");
    }
    if (prices.bars_per_candle > 1) {
      parts.push(`The file holds candles of ${count(prices.bars_per_candle)} ${ticks ? "of them" : "bars"} each.`);
    }
    if (shown.group > 1) {
      const size = ticks
        ? count(shown.group) + " such candles"
        : count(shown.group * prices.bars_per_candle) + " bars";
      parts.push(`A candle here stands for ${size}, with their highest and lowest; zoom in for finer ones.`);
    }
    if (step > 1) {
      parts.push(`Of the ${count(visible)} entries and exits here those of one trade in ${count(step)} are marked.`);
    }
    if (shown.marks.length > 0) {
      parts.push("Blue: entry. Green or red: exit with a gain or a loss. An arrow up buys, an arrow down sells.");
      if (shown.marks.some((one) => one.open !== undefined)) {
        parts.push("A circle: the entry of what is still open.");
      }
    } else {
      parts.push("No trade in this instrument.");
    }
    if (trades.length < run.trades.total) {
      parts.push(`Of ${count(run.trades.total)} trades the first ${count(trades.length)} are in this file.`);
    }
    fill("price-hint", parts.join(" "));
  }

  /** Put the candles around `from` … `to` into the chart and show that range. */
  function load(from, to) {
    const total = shown.columns.times.length;
    const span = Math.max(to - from, 1);
    let group = 1;
    while (span / group > IN_VIEW_MAX) {
      group *= 2;
    }
    const first = Math.max(0, Math.floor((from - span) / group) * group);
    const rows = regroup(shown.columns, first, Math.min(total, Math.ceil(to + span)), group);
    Object.assign(shown, { from: first, group, rows: rows.length });
    markers.setMarkers([]);
    series.setData(rows);
    scale.setVisibleLogicalRange({ from: (from - first) / group, to: (to - first) / group });
    byId("price-chart").dataset.group = group;
    mark({ from, to }); // the chart takes the range over with its next frame
  }

  /** Whether the view wants other candles than those that are there. */
  function follow() {
    const range = inView();
    if (range === null) {
      return;
    }
    const total = shown.columns.times.length;
    const onScreen = (Math.min(range.to, total) - Math.max(range.from, 0)) / shown.group;
    const end = shown.from + shown.rows * shown.group;
    if (
      (onScreen < IN_VIEW_FEW && shown.group > 1) ||
      onScreen > IN_VIEW_MAX * 1.25 ||
      (range.from < shown.from && shown.from > 0) ||
      (range.to > end && end < total)
    ) {
      load(range.from, range.to);
    } else {
      mark();
    }
  }

  let waiting = 0;
  let held = false;
  scale.subscribeVisibleLogicalRangeChange(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (!held) {
        follow();
      }
    }, 60);
  });
  // The library reckons a drag from where it began, so nothing is replaced until it is over.
  byId("price-chart").addEventListener("pointerdown", () => {
    held = true;
  });
  for (const over of ["pointerup", "pointercancel"]) {
    window.addEventListener(over, () => {
      if (held) {
        held = false;
        setTimeout(follow, 60);
      }
    });
  }

  const columnsOf = new Map();
  function choose(index) {
    shown.prices = run.prices[index];
    if (!columnsOf.has(index)) {
      const columns = unpack(shown.prices);
      columnsOf.set(index, { columns, marks: marksOf(shown.prices.instrument, columns) });
    }
    Object.assign(shown, columnsOf.get(index));
    const { decimals } = run.instruments[shown.prices.instrument];
    series.applyOptions({
      priceFormat: valueFormat(10 ** -Math.min(decimals, 8), (v) => priceText(v, decimals)),
    });
    const days = shown.prices.interval >= 86400;
    scale.applyOptions({ timeVisible: !days, secondsVisible: shown.prices.interval < 60 });
    showAll();
    words();
  }

  function showAll() {
    const total = shown.columns.times.length;
    const room = Math.max(total * view.room(), 1);
    load(-room, total + room);
  }

  function words(param) {
    const { decimals, symbol } = run.instruments[shown.prices.instrument];
    const bar = param?.seriesData?.get(series);
    const trade = param?.hoveredObjectId === undefined ? null : trades[Number(param.hoveredObjectId)];
    const total = shown.columns.times.length;
    const cell = (label, value) => el("span", {}, label + " ", el("b", {}, priceText(value, decimals)));
    fill(
      "price-legend",
      el("b", {}, symbol),
      trade
        ? el("span", {}, tradeWords(trade))
        : bar
          ? [
              el("span", {}, moment(bar.time)),
              cell("O", bar.open),
              cell("H", bar.high),
              cell("L", bar.low),
              cell("C", bar.close),
            ]
          : [el("span", {}, several(total, "candle")), cell("last", shown.columns.closes[total - 1])],
    );
  }
  chart.subscribeCrosshairMove(words);

  function tools() {
    const spans = [
      ["1D", 86400],
      ["1W", 604800],
      ["1M", 2629800],
      ["3M", 7889400],
      ["1Y", 31557600],
    ];
    const select =
      run.prices.length < 2
        ? null
        : el(
            "select",
            {
              "aria-label": "Instrument",
              onchange: (event) => choose(Number(event.target.value)),
            },
            run.prices.map((prices, i) => el("option", { value: i }, run.instruments[prices.instrument].symbol)),
          );
    const { times } = unpackedFirst();
    const whole = times[times.length - 1] - times[0];
    const fitting = spans.filter(
      ([, size]) => size < whole * 0.8 && size > (whole / Math.max(times.length, 1)) * 8,
    );
    fill(
      "price-tools",
      select,
      fitting
        .slice(-4)
        .map(([label, size]) => el("button", { type: "button", onclick: () => showLast(size) }, label)),
      el("button", { type: "button", onclick: showAll }, "All"),
      el("button", { type: "button", "aria-label": "Zoom out", onclick: () => view.zoom(2) }, "\u2212"),
      el("button", { type: "button", "aria-label": "Zoom in", onclick: () => view.zoom(0.5) }, "+"),
    );
    return select;
  }

  const unpackedFirst = () => columnsOf.get(0).columns;

  function showLast(seconds) {
    const { times } = shown.columns;
    const range = inView();
    const end = Math.min(Math.max(Math.floor(range?.to ?? times.length - 1), 1), times.length - 1);
    load(lastNotAbove(times, times[end] - seconds), end + 1);
  }

  choose(0);
  view.all = showAll;
  const select = tools();
  charts[charts.length - 1].paint();
  return {
    /** Bring one trade into view. */
    show(index) {
      const trade = trades[index];
      const at = run.prices.findIndex((prices) => prices.instrument === trade.instrument);
      if (at < 0) {
        return;
      }
      if (run.prices[at] !== shown.prices) {
        choose(at);
        select.value = String(at);
      }
      const [entry, exit] = shown.marks.filter((one) => one.index === index).map((one) => one.at);
      const room = Math.max((exit - entry) * 0.5, 20);
      load(entry - room, exit + room);
      byId("price").scrollIntoView({ block: "start" });
      fill(
        "price-legend",
        el("b", {}, run.instruments[trade.instrument].symbol),
        el("span", {}, tradeWords(trade)),
      );
    },
  };
}
