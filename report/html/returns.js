// Returns: by month, how they are spread, and how Sharpe and volatility went along.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Percent without the sign for percent: "1.2", "−0.4". */
function cellText(value, places) {
  return fixed(value * 100, Math.abs(value) >= 1 ? 0 : places);
}

function drawMonths() {
  const months = run.months.filter((one) => one[2] !== null);
  if (months.length === 0) {
    fill("months", el("p.empty", {}, "There are no returns to show."));
    return;
  }
  // The strongest colour is for the 95th percentile, so that one wild month does not bleach the others.
  const sizes = months.map((one) => Math.abs(one[2])).filter((size) => size > 0);
  sizes.sort((a, b) => a - b);
  const places = placesFor(
    sizes.map((size) => size * 100),
    1,
  );
  const strong = sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * 0.95))] || 1;
  const shade = (value) => {
    const step = Math.min(5, Math.ceil((Math.abs(value) / strong) * 5));
    return step === 0 ? "" : (value > 0 ? "good" : "bad") + step;
  };
  const at = new Map(months.map((one) => [one[0] + "/" + one[1], one[2]]));
  const compared = run.years.some((one) => one[3] !== null);
  const cell = (kind, value) =>
    el("td." + kind, {}, value === undefined || value === null ? "" : cellText(value, places));
  const rows = run.years.map(([year, , change, other]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, String(year)),
      MONTHS.map((_, i) => {
        const value = at.get(year + "/" + (i + 1));
        return cell(value === undefined ? "" : shade(value), value);
      }),
      cell("year." + (change === null ? "" : tone(change)), change),
      compared ? el("td.other", {}, other === null ? "" : cellText(other, 1)) : null,
    ),
  );
  fill(
    "months",
    el(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": "Monthly returns, scrolls sideways" },
      el(
        "table.heat",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            el("th", { scope: "col" }, ""),
            MONTHS.map((name) => el("th", { scope: "col" }, name)),
            el("th", { scope: "col" }, "Year"),
            compared ? el("th", { scope: "col", title: run.benchmark }, "Bench.") : null,
          ),
        ),
        el("tbody", {}, rows),
      ),
    ),
  );
}

const BINS_MAX = 41;

/** Bins of a round width around zero that hold the middle 99 %; the outermost hold the rest. */
function bin(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = (share) => sorted[Math.floor((sorted.length - 1) * share)];
  const low = Math.min(cut(0.005), 0);
  const high = Math.max(cut(0.995), 0);
  const wanted = Math.min(BINS_MAX, Math.max(7, Math.ceil(Math.sqrt(values.length) * 1.5)));
  const raw = Math.max((high - low) / wanted, 1e-10);
  const power = 10 ** Math.floor(Math.log10(raw));
  const width = [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= raw * 0.999);
  const first = Math.floor(low / width);
  const bins = new Array(Math.max(Math.ceil(high / width) - first, 1)).fill(0);
  for (const value of values) {
    bins[Math.min(Math.max(Math.floor(value / width) - first, 0), bins.length - 1)]++;
  }
  return { bins, first, width };
}

function drawDistribution() {
  const all = run.days.change.filter((value) => value !== null);
  const values = all.filter((value) => value !== 0);
  const host = byId("distribution");
  if (values.length < 5) {
    host.classList.remove("chart", "short");
    fill(
      "distribution",
      el(
        "p.empty",
        {},
        `${several(all.length, "return")}, ${count(values.length)} of them not zero: too few to be spread out.`,
      ),
    );
    return;
  }
  const { bins, first, width } = bin(values);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const [barWidth] = axisWords([width], 100, "\u202f%");
  byId("distribution-hint").textContent =
    `${count(values.length)} returns, ${barWidth} a bar` +
    (all.length > values.length ? `; ${several(all.length - values.length, "zero")} left out` : "");
  const SVG = "http://www.w3.org/2000/svg";
  const draw = (parent, name, attributes, text) => {
    const node = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    node.textContent = text ?? "";
    parent.append(node);
    return node;
  };
  const paint = () => {
    const [w, h] = [host.clientWidth, host.clientHeight];
    const [bottom, top] = [26, 18];
    const most = Math.max(...bins);
    const x = (value) => ((value / width - first) / bins.length) * w;
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Distribution of ${values.length} returns, mean ${percent(mean, 3)}`);
    bins.forEach((size, i) => {
      const height = size === 0 ? 0 : Math.max((size / most) * (h - bottom - top), 1);
      const from = (first + i) * width;
      const bar = draw(svg, "rect", {
        class: from + width / 2 < 0 ? "bar-bad" : "bar-good",
        x: (i / bins.length) * w + 0.5,
        y: h - bottom - height,
        width: Math.max(w / bins.length - 1, 1),
        height,
      });
      draw(bar, "title", {}, `${percent(from)} to ${percent(from + width)}: ${several(size, "return")}`);
    });
    draw(svg, "line", { class: "axis", x1: 0, x2: w, y1: h - bottom + 0.5, y2: h - bottom + 0.5 });
    draw(svg, "line", { class: "mark", x1: x(mean), x2: x(mean), y1: top, y2: h - bottom });
    const right = x(mean) > w * 0.6;
    draw(
      svg,
      "text",
      { x: x(mean) + (right ? -6 : 6), y: 12, "text-anchor": right ? "end" : "start" },
      "mean " + percent(mean, 3),
    );
    const every = Math.ceil(bins.length / Math.max(Math.floor(w / (width < 0.0001 ? 96 : 72)), 2));
    const edges = bins.map((_, i) => i).filter((i) => (first + i) % every === 0);
    const words = axisWords(
      edges.map((i) => (first + i) * width),
      100,
      "\u202f%",
    );
    edges.forEach((i, nth) => {
      const at = (i / bins.length) * w;
      const half = words[nth].length * 3.6;
      if (at >= half && at <= w - half) {
        draw(svg, "text", { x: at, y: h - 8, "text-anchor": "middle" }, words[nth]);
      }
    });
    host.replaceChildren(svg);
  };
  new ResizeObserver(paint).observe(host);
  paint();
}

function drawRolling() {
  const sharpe = line(run.days.time, run.days.rolling_sharpe);
  const volatility = line(run.days.time, run.days.rolling_volatility);
  byId("rolling-hint").textContent = `Over ${run.rolling_returns} returns, annualised`;
  if (sharpe.length === 0 && volatility.length === 0) {
    byId("rolling-chart").classList.remove("chart", "short");
    const have = run.days.change.filter((value) => value !== null).length;
    fill("rolling-chart", el("p.empty", {}, `Needs ${run.rolling_returns} returns; this run has ${count(have)}.`));
    return;
  }
  let series;
  const view = makeChart(
    "rolling-chart",
    "Rolling Sharpe ratio and volatility",
    () => axisLength(sharpe, volatility),
    {},
    (c) => {
      series.sharpe.applyOptions({ color: c.accent });
      series.volatility.applyOptions({ color: c.warn });
      zero.applyOptions({ color: c.line });
    },
  );
  const { chart } = view;
  const plain = { priceLineVisible: false, lastValueVisible: false, lineWidth: 2 };
  series = {
    sharpe: chart.addSeries(
      Library.LineSeries,
      { ...plain, priceFormat: valueFormat(0.0001, number) },
      0,
    ),
    volatility: chart.addSeries(
      Library.LineSeries,
      { ...plain, priceFormat: PERCENT_FORMAT },
      1,
    ),
  };
  const zero = series.sharpe.createPriceLine({
    price: 0,
    lineWidth: 1,
    lineStyle: 0,
    axisLabelVisible: false,
    title: "",
  });
  series.sharpe.setData(sharpe);
  series.volatility.setData(volatility);
  charts[charts.length - 1].paint();
  legend("rolling-legend", chart, [
    { look: "", label: "Sharpe", series: series.sharpe, points: sharpe, words: number },
    { look: "second", label: "Volatility", series: series.volatility, points: volatility, words: percent },
  ]);
  view.all();
}
