// What all charts share: colours of the page, keys, and the library's options.

const Library = window.LightweightCharts;
const charts = []; // each with paint(): called again when the colours change

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["page", "card", "line", "line-soft", "ink", "soft", "accent", "good", "bad", "warn", "benchmark"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

/** A colour of the page with some transparency: "#1f56c4" and 0.1. */
const faint = (colour, alpha) =>
  colour +
  Math.round(alpha * 255)
    .toString(16)
    .padStart(2, "0");

function chartOptions(c) {
  return {
    autoSize: true,
    layout: {
      background: { color: c.card },
      textColor: c.soft,
      fontSize: 12,
      fontFamily: getComputedStyle(document.body).fontFamily,
      attributionLogo: false, // the footer has the notice and the link that the licence asks for
      panes: { separatorColor: c.line, separatorHoverColor: c["line-soft"], enableResize: false },
    },
    grid: { vertLines: { color: c["line-soft"] }, horzLines: { color: c["line-soft"] } },
    crosshair: {
      mode: Library.CrosshairMode.Normal,
      vertLine: { color: c.soft, labelBackgroundColor: c.soft },
      horzLine: { color: c.soft, labelBackgroundColor: c.soft },
    },
    rightPriceScale: { borderColor: c.line, entireTextOnly: true },
    timeScale: { borderColor: c.line },
    localization: { locale: "en-US", timeFormatter: moment },
    kineticScroll: { touch: false, mouse: false },
  };
}

/** How a series says its values: `words` under the crosshair; on the axis as few places as tell the marks apart. */
const valueFormat = (minMove, words, scale = 1, unit = "") => ({
  type: "custom",
  minMove,
  formatter: words,
  tickmarksFormatter: (marks) => axisWords(marks, scale, unit),
});
const PERCENT_FORMAT = valueFormat(1e-8, percent, 100, "\u202f%");

/** How many times there are in series of points together: the length of their common axis. */
const axisLength = (...series) => new Set(series.flatMap((points) => points.map((point) => point.time))).size;

/** Half a label of the time axis, in pixels. */
const LABEL_HALF = 20;

/**
 * A chart of `size()` points in the element `id`, told to people who do not see it by `label`. `paint(colours)` sets
 * the colours of its series.
 */
function makeChart(id, label, size, options, paint) {
  const host = byId(id);
  host.tabIndex = 0;
  host.setAttribute("role", "img");
  host.setAttribute("aria-label", label + ". Arrow keys move, plus and minus zoom, 0 shows all.");
  // Its size is said at once: what is asked of its time scale before it has one is lost.
  const chart = Library.createChart(host, {
    ...chartOptions(colours()),
    width: host.clientWidth,
    height: host.clientHeight,
  });
  chart.applyOptions({
    handleScroll: { mouseWheel: false, pressedMouseMove: true, horzTouchDrag: true, vertTouchDrag: false },
    handleScale: { mouseWheel: false, pinch: true, axisPressedMouseMove: true, axisDoubleClickReset: true },
    // Only here: said again, it would take back the range that has just been asked for.
    timeScale: { minBarSpacing: 0.01, timeVisible: !run.daily, secondsVisible: false },
    ...options,
  });
  charts.push({
    paint: () => {
      chart.applyOptions(chartOptions(colours()));
      paint(colours());
    },
  });
  const view = {
    chart,
    /** From `first` to `last` with room for the labels at the ends. */
    frame: (first, last) => {
      const room = Math.max((last - first) * view.room(), 0.5);
      chart.timeScale().setVisibleLogicalRange({ from: first - room, to: last + room });
    },
    /** Share of the width that the label at an end takes. */
    room: () => LABEL_HALF / Math.max(host.clientWidth - 100, 100),
    all: () => view.frame(0, size() - 1),
    zoom: (factor) => {
      const range = chart.timeScale().getVisibleLogicalRange();
      if (range !== null) {
        const middle = (range.from + range.to) / 2;
        const half = Math.max(((range.to - range.from) / 2) * factor, 3);
        chart.timeScale().setVisibleLogicalRange({ from: middle - half, to: middle + half });
      }
    },
    move: (share) => {
      const range = chart.timeScale().getVisibleLogicalRange();
      if (range !== null) {
        const by = (range.to - range.from) * share;
        chart.timeScale().setVisibleLogicalRange({ from: range.from + by, to: range.to + by });
      }
    },
  };
  host.addEventListener("keydown", (event) => {
    const act = {
      ArrowLeft: () => view.move(-0.15),
      ArrowRight: () => view.move(0.15),
      "+": () => view.zoom(0.6),
      "=": () => view.zoom(0.6),
      "-": () => view.zoom(1.6),
      0: () => view.all(),
    }[event.key];
    if (act !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      act();
      event.preventDefault();
    }
  });
  return view;
}

/** Points of a line: what is null leaves a gap, and of several at one time the last one stays. */
function line(times, values) {
  const points = [];
  for (let i = 0; i < times.length; i++) {
    if (values[i] === null) {
      if (points.length > 0) {
        points[points.length - 1].color = "transparent"; // of the way to the next point
      }
    } else {
      if (points.length > 0 && times[i] <= points[points.length - 1].time) {
        points.pop();
      }
      points.push({ time: times[i], value: values[i] });
    }
  }
  return points;
}

/**
 * A chart's legend; values under the crosshair, else the last. An entry is { look: class of the key, label, series,
 * points, words of a value, sparse: the value before counts where there is none }.
 */
function legend(id, chart, entries) {
  const times = new Map(entries.map((entry) => [entry, entry.points.map((point) => point.time)]));
  const last = new Map(entries.map((entry) => [entry, entry.points[entry.points.length - 1]?.value]));
  const cells = entries.map((entry) => el("b", {}));
  const when = el("span", {});
  fill(
    id,
    entries.map((entry, i) => el("span", {}, el("span.key." + entry.look, {}, entry.label + " "), cells[i])),
    when,
  );
  const show = (param) => {
    const over = param !== undefined && param.time !== undefined;
    entries.forEach((entry, i) => {
      let value = last.get(entry);
      if (over) {
        value = param.seriesData.get(entry.series)?.value;
        if (value === undefined && entry.sparse) {
          const at = lastNotAbove(times.get(entry), param.time);
          value = at < 0 ? undefined : entry.points[at].value;
        }
      }
      cells[i].textContent = value === undefined ? "\u2013" : entry.words(value);
    });
    when.textContent = over ? moment(param.time) : "";
  };
  chart.subscribeCrosshairMove(show);
  show();
}
