// What is words and figures: the tiles, all figures, costs, data, warnings, and how to do it again.

function tile(label, text, look, note) {
  return el(
    "div.tile",
    {},
    el("p.label", {}, label),
    el("p.value." + (look || ""), {}, text),
    el("p.note", {}, note || ""),
  );
}

/** A tile of one figure; a figure that is not defined says why. */
function figureTile(key, label, { sign = false, note = "", words = figureText } = {}) {
  const one = figure.get(key);
  if (one === undefined) {
    return null;
  }
  if (one.value === null) {
    return tile(label, "n/a", "na", one.why);
  }
  const value = Number(one.value);
  return tile(label, sign ? signed(value, words(one)) : words(one), sign ? tone(value) : "", note);
}

/** The tiles of conventions that are not our own: their figures, under their names. The first two have a sign. */
const FOREIGN_TILES = {
  backtesting: [
    "Return [%]",
    "Return (Ann.) [%]",
    "Max. Drawdown [%]",
    "Sharpe Ratio",
    "Volatility (Ann.) [%]",
    "Win Rate [%]",
  ],
  backtrader: [
    "Returns.rtot",
    "Returns.rnorm",
    "DrawDown.max.drawdown",
    "SharpeRatio.sharperatio",
    "VWR.vwr",
    "Calmar.calmar",
  ],
  empyrical: [
    "cum_returns_final",
    "annual_return",
    "max_drawdown",
    "sharpe_ratio",
    "annual_volatility",
    "sortino_ratio",
  ],
  lean: [
    "TotalNetProfit",
    "CompoundingAnnualReturn",
    "Drawdown",
    "SharpeRatio",
    "AnnualStandardDeviation",
    "WinRate",
  ],
};

function drawForeignTiles(equity, costs) {
  const tiles = FOREIGN_TILES[run.convention].map((key, i) =>
    figureTile(key, key, { sign: i < 2, note: figure.get(key)?.formula }),
  );
  fill("tiles", tiles[0], equity, tiles.slice(1), costs);
}

function drawTiles() {
  const { money: m, currency } = run;
  const value = (key) => figure.get(key)?.value ?? null;
  const error = value("sharpe_se");
  const even = value("break_even_bps");
  const held = value("benchmark_return");
  const equity = tile(
    "Final equity",
    shortMoney(Number(m.final_equity)) + " " + currency,
    "",
    "from " + shortMoney(Number(m.initial_cash)),
  );
  const costs = tile(
    "Costs",
    shortMoney(Number(m.commission) + Number(m.slippage)) + " " + currency,
    "",
    [
      m.costs_given ? "" : "none assumed",
      even === null ? "" : "break-even " + number(Number(even)) + "\u00a0bps a side",
    ]
      .filter(Boolean)
      .join("; "),
  );
  if (run.convention in FOREIGN_TILES) {
    drawForeignTiles(equity, costs);
    return;
  }
  fill(
    "tiles",
    figureTile("total_return", "Total return", {
      sign: true,
      note: held === null ? "" : [capital(run.benchmark || "benchmark") + " ", signed(held, percent(held))],
    }),
    equity,
    figureTile("cagr", "Growth per year", { sign: true, note: "compound" }),
    figureTile("max_drawdown", "Maximum drawdown", {
      note: run.drawdowns.length > 0 ? span(run.drawdowns[0].start, run.drawdowns[0].trough) : "",
    }),
    figureTile("sharpe", "Sharpe ratio", {
      note: error === null ? "" : "\u00b1\u00a0" + fixed(Number(error), 2) + " standard error",
    }),
    figureTile("volatility", "Volatility", { note: "per year" }),
    figureTile("win_rate", "Trades won", {
      note:
        several(run.trades.total, "trade") +
        (run.positions.length > 0 ? ", " + several(run.positions.length, "position") + " open" : ""),
    }),
    costs,
  );
}

/** What a trader must not miss, at the top. */
function drawNotices() {
  const lines = [];
  if (run.status === "RUINED") {
    lines.push("Ruined: equity fell to zero or below, and trading stopped.");
  } else if (run.status !== "OK") {
    lines.push(`The run ended ${run.status}.`);
  }
  if (run.counts.fills === 0) {
    lines.push("No order was filled" + (run.counts.orders === 0 ? "; none went out." : "."));
  }
  for (const [reason, times, words, first] of run.counts.denied) {
    lines.push(`${several(times, "order")} denied ${reason} (${words}), first at ${moment(first)}`);
  }
  if (!run.money.costs_given) {
    lines.push("No costs are assumed: neither commission nor slippage.");
  }
  for (const note of run.warnings) {
    lines.push(
      note.text +
        (note.count > 1 ? ` (${count(note.count)} times)` : "") +
        (note.first === "" ? "" : ", " + whence(note)),
    );
  }
  if (lines.length > 0) {
    const more = lines.length - 6;
    fill(
      "notices",
      el(
        "div.notice",
        {},
        el("h3", {}, "Attention"),
        el(
          "ul",
          {},
          lines.slice(0, more > 1 ? 6 : 7).map((text) => el("li", {}, text)),
        ),
        more > 1 ? el("a", { href: "#warnings" }, `${count(more)} more`) : null,
      ),
    );
  }
}

const GROUPS = {
  returns: "Returns",
  risk: "Risk",
  benchmark: "Against the benchmark",
  trades: "Trades",
  costs: "Costs",
  rolling: "Rolling",
  distribution: "Distribution",
  ratios: "Ratios",
  exposure: "Exposure",
  drawdown: "Drawdown",
  PortfolioStatistics: "Portfolio statistics",
  TradeStatistics: "Trade statistics",
};

function drawFigures() {
  const groups = new Map();
  for (const one of run.figures) {
    groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  }
  byId("figures-hint").textContent =
    `Convention ${run.convention}; a year has ${count(run.periods)} periods (${run.periods_why})`;
  const foreign = run.convention in FOREIGN_TILES;
  const row = (one) => [
    foreign ? one.key : capital(one.label),
    one.value === null ? ["n/a", el("span.why", {}, one.why)] : figureText(one),
    one.formula,
  ];
  fill(
    "figure-groups",
    el(
      "div.figures",
      {},
      [...groups].map(([group, ones]) => {
        const none = ones.every((one) => one.value === null && one.why === ones[0].why);
        // Figures of one month or year are named after it, and there may be hundreds.
        const single = ones.filter((one) => !foreign || one.key === one.label);
        const periods = ones.filter((one) => !single.includes(one));
        return el(
          ones.length > 60 ? "div.long" : "div",
          {},
          el("h3", {}, GROUPS[group] ?? capital(group)),
          none
            ? el("p.empty", {}, `${ones.map((one) => one.label).join(", ")}: not defined, ${ones[0].why}.`)
            : pairs(single.map(row)),
          periods.length === 0 || none
            ? null
            : el(
                "details",
                {},
                el("summary", {}, `Of single months and years (${count(periods.length)})`),
                pairs(periods.map(row)),
              ),
        );
      }),
    ),
  );
}

function drawRun() {
  fill(
    "params",
    run.params.length === 0 ? el("p.empty", {}, "The strategy has no parameters.") : pairs(run.params),
    run.settings.length === 0
      ? null
      : [el("h3", {}, "Settings that are not the default"), pairs(run.settings)],
  );
  const { counts, money: m } = run;
  fill(
    "costs",
    pairs([
      ["Commission", `${m.commission_words}; ${money(Number(m.commission))} paid`],
      ["Slippage", `${m.slippage_words}; ${money(Number(m.slippage))} paid`],
      ["Orders", count(counts.orders)],
      ["Fills", count(counts.fills)],
      ...counts.denied.map(([reason, times, words]) => [`Denied ${reason} (${words})`, count(times)]),
      counts.rejected > 0 && ["Rejected", count(counts.rejected)],
      counts.cancelled > 0 && ["Cancelled", count(counts.cancelled)],
      counts.expired > 0 && ["Expired", count(counts.expired)],
      ["Realised result", money(Number(m.realized))],
      ["Unrealised result", money(Number(m.unrealized))],
      ...run.positions.map((one) => [
        "Open: " + one.symbol,
        `${one.quantity} at ${priceText(one.average_price, one.decimals)}, now ${one.mark}`,
      ]),
    ]),
  );
  const wraps = (text) => el("td.left.wraps", {}, text);
  fill(
    "data",
    table(
      ["Symbol", "File", "Form", "Kind", "Rows", "Skipped", "First", "Last", "Zone", "Label"],
      run.data.map((one) => [
        one.symbol,
        wraps(one.path),
        el("td.left", {}, one.dialect),
        one.interval === "" ? one.kind : one.interval + " " + one.kind,
        count(one.rows),
        el("td." + (one.skipped > 0 ? "bad" : ""), {}, count(one.skipped)),
        one.first,
        one.last,
        one.tz,
        one.stamp,
      ]),
      { left: 3, stacks: true },
    ),
  );
  drawNotes("warnings", run.warnings, "Nothing to warn of.");
  drawNotes("assumptions", run.assumptions, "None.");
}

const whence = (note) => (note.count > 1 ? "first at " : "at ") + note.first;

function drawNotes(id, notes, none) {
  fill(
    id,
    notes.length === 0
      ? el("p.empty", {}, none)
      : el(
          "ul.notes",
          {},
          notes.map((note) =>
            el(
              "li",
              {},
              el("span", {}, capital(note.text)),
              el("span.count", {}, note.count > 1 ? count(note.count) : ""),
              note.first === "" ? null : el("span.where", {}, capital(whence(note))),
            ),
          ),
        ),
  );
}

function drawRepeat() {
  const hash = (text) => el("span.hash", {}, text);
  fill(
    "repeat",
    el(
      "p",
      {},
      "run.yaml beside this file is the whole configuration. Its file names are those of the folder in which the run " +
        "was started, so from there, with the path to it:",
    ),
    el("pre", { tabindex: "0" }, "duet backtest -c run.yaml"),
    el("details", {}, el("summary", {}, "Configuration"), el("pre", { tabindex: "0" }, run.configuration)),
    pairs([
      ["Program", "duet " + run.version],
      ["Fill profile", run.fill_profile],
      ["Statistics", run.convention],
      [
        "Strategy",
        run.plugin_sha256 === ""
          ? run.strategy + ", bundled"
          : [run.strategy + ", SHA-256 ", hash(run.plugin_sha256)],
      ],
      ["Data, SHA-256", run.data_sha256 === "" ? "not computed" : hash(run.data_sha256)],
      ["Events", [hash(run.event_hash), ` over ${count(run.counts.events)}`]],
      ["Decisions", hash(run.decision_hash)],
    ]),
    el(
      "p.hint",
      {},
      "A repeated run has the same hashes; where they differ, the data, the strategy or the program did.",
    ),
  );
}
