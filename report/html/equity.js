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
    () => axisLength(equity, benchmark),
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
  const format = valueFormat(Number(run.money.initial_cash) < 1000 ? 1e-8 : 0.01, shortMoney);
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
        priceFormat: PERCENT_FORMAT,
        autoscaleInfoProvider: (own) => {
          const low = own()?.priceRange?.minValue ?? 0;
          return { priceRange: { minValue: low < -1e-7 ? low : -0.01, maxValue: 0 } };
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
  chart.priceScale("right", 1).applyOptions({ scaleMargins: { top: 0.14, bottom: 0.1 } });
  charts[charts.length - 1].paint();
  legend("equity-legend", chart, [
    { look: "", label: "Strategy", series: series.equity, points: equity, words: money, sparse: true },
    ...(benchmark.length > 0
      ? [
          {
            look: "benchmark",
            label: capital(run.benchmark || "benchmark"),
            series: series.benchmark,
            points: benchmark,
            words: money,
            sparse: true,
          },
        ]
      : []),
    { look: "down", label: "Drawdown", series: series.drawdown, points: drawdown, words: percent, sparse: true },
  ]);
  view.all();
  byId("benchmark-box").hidden = benchmark.length === 0;
  byId("benchmark-shown").addEventListener("change", (event) => {
    series.benchmark.applyOptions({ visible: event.target.checked });
  });
  // There is no logarithm of what is not above zero.
  if (equity.some((point) => point.value <= 0)) {
    byId("scale").disabled = true;
    byId("scale").title = "Equity fell to zero or below: there is no logarithm of it.";
  }
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
  const places = placesFor(
    run.drawdowns.map((one) => one.depth * 100),
    2,
  );
  const rows = run.drawdowns.map((one, i) => {
    const end = one.end === null ? run.end : one.end;
    return [
      el("td.left.wide", {}, String(i + 1)),
      el("td.bad", {}, percentAt(-one.depth, places)),
      moment(one.start),
      el("td.wide", {}, moment(one.trough)),
      one.end === null ? el("td.soft", {}, "not yet") : moment(one.end),
      duration(end - one.start),
    ];
  });
  fill(
    "drawdowns",
    el("h3", {}, "Deepest drawdowns"),
    table(["#", "Depth", "Peak", "Trough", "Recovered", "Length"], rows, { left: 1, wide: [0, 3] }),
  );
}
