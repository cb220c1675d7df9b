// Equity against the benchmark, the drawdown below it, and the deepest drawdowns.

function drawEquity() {
  const equity = line(run.points.time, run.points.equity);
  if (equity.length === 0) {
    byId("equity-chart").hidden = true;
    fill("equity-legend", el("span.empty", {}, "No bar fell into the run, so there is no curve."));
    return;
  }
  const benchmark = line(run.days.time, run.days.benchmark);
  if (benchmark.length > 0 && benchmark[0].time > equity[0].time) {
    // It is known at the ends of days; it began where the strategy did.
    benchmark.unshift({ time: equity[0].time, value: Number(run.money.initial_cash) });
  }
  const drawdown = line(
    run.points.time,
    run.points.drawdown.map((value) => -value),
  );
  let series;
  const view = makeChart(
    "equity-chart",
    "Equity" + (benchmark.length > 0 ? " against the benchmark" : "") + " and drawdown",
    () => equity.length,
    {},
    (c) => {
      series.benchmark.applyOptions({ color: c.benchmark });
      series.equity.applyOptions({
        lineColor: c.accent,
        topColor: faint(c.accent, 0.14),
        bottomColor: faint(c.accent, 0),
      });
      series.drawdown.applyOptions({
        bottomLineColor: c.bad,
        bottomFillColor1: faint(c.bad, 0.05),
        bottomFillColor2: faint(c.bad, 0.3),
        topLineColor: c.bad,
      });
    },
  );
  const { chart } = view;
  const format = { type: "custom", minMove: 0.01, formatter: shortMoney };
  const plain = { priceLineVisible: false, lastValueVisible: false, lineWidth: 2 };
  series = {
    equity: chart.addSeries(Library.AreaSeries, { ...plain, priceFormat: format }, 0),
    benchmark: chart.addSeries(
      Library.LineSeries,
      { ...plain, lineWidth: 1, priceFormat: format, crosshairMarkerVisible: false },
      0,
    ),
    drawdown: chart.addSeries(
      Library.BaselineSeries,
      {
        ...plain,
        lineWidth: 1,
        baseValue: { type: "price", price: 0 },
        topFillColor1: "transparent",
        topFillColor2: "transparent",
        priceFormat: { type: "custom", minMove: 0.0001, formatter: (v) => percent(v, 1) },
        autoscaleInfoProvider: (own) => {
          const low = own()?.priceRange?.minValue ?? 0;
          return { priceRange: { minValue: Math.min(low, -0.01), maxValue: 0 } };
        },
      },
      1,
    ),
  };
  series.equity.setData(equity);
  series.benchmark.setData(benchmark);
  series.drawdown.setData(drawdown);
  chart.panes()[0].setStretchFactor(3);
  chart.panes()[1].setStretchFactor(1);
  chart.priceScale("right", 0).applyOptions({ scaleMargins: { top: 0.08, bottom: 0.1 } });
  chart.priceScale("right", 1).applyOptions({ scaleMargins: { top: 0.06, bottom: 0.08 } });
  charts[charts.length - 1].paint();
  legend("equity-legend", chart, [
    { look: "", label: "Strategy", series: series.equity, points: equity, words: money },
    ...(benchmark.length > 0
      ? [
          {
            look: "benchmark",
            label: capital(run.benchmark || "benchmark"),
            series: series.benchmark,
            points: benchmark,
            words: money,
          },
        ]
      : []),
    { look: "down", label: "Drawdown", series: series.drawdown, points: drawdown, words: percent },
  ]);
  view.all();
  byId("scale").addEventListener("change", (event) => {
    const mode = event.target.value === "log" ? Library.PriceScaleMode.Logarithmic : Library.PriceScaleMode.Normal;
    chart.priceScale("right", 0).applyOptions({ mode });
    byId("equity-chart").dataset.scale = event.target.value;
  });
}

function drawDrawdowns() {
  if (run.drawdowns.length === 0) {
    return;
  }
  const rows = run.drawdowns.map((one, i) => {
    const end = one.end === null ? run.end : one.end;
    return [
      String(i + 1),
      el("td.bad", {}, percent(-one.depth)),
      moment(one.start),
      moment(one.trough),
      one.end === null ? el("td.soft", {}, "not yet") : moment(one.end),
      duration(end - one.start),
    ];
  });
  fill(
    "drawdowns",
    el("h3", {}, "Deepest drawdowns"),
    table(["", "Depth", "Peak", "Trough", "Recovered", "Length"], rows),
  );
}
