// The list of trades: sorted by any column, a page at a time, so ten thousand are no burden.

const PAGE_ROWS = 25;

function tradeColumns(show) {
  const symbol = (trade) => run.instruments[trade.instrument].symbol;
  const reason = (trade) => run.trades.reasons[trade.entryReason] + "\u0000" + run.trades.reasons[trade.exitReason];
  const priced = (name) => (trade) => priceText(trade[name], run.instruments[trade.instrument].decimals);
  const coloured = (value, text) => el("td." + tone(value), {}, signed(value, text));
  const costPlaces = placesFor(
    trades.map((t) => t.commission),
    2,
  );
  const netPlaces = placesFor(
    trades.map((t) => t.net),
    2,
  );
  const returnPlaces = placesFor(
    trades.map((t) => t.fraction * 100),
    2,
  );
  const all = [
    {
      head: "#",
      left: true,
      by: (t) => t.id,
      cell: (t) =>
        el(
          "td.left",
          {},
          el(
            "button.link",
            {
              type: "button",
              onclick: () => show(trades.indexOf(t)),
              "aria-label": `Show trade ${t.id} on the price`,
            },
            String(t.id),
          ),
        ),
    },
    { head: "Symbol", left: true, by: symbol, cell: (t) => el("td.left", {}, symbol(t)) },
    { head: "Side", left: true, by: (t) => t.side, cell: (t) => el("td.left", {}, t.side > 0 ? "Long" : "Short") },
    { head: "Quantity", by: (t) => t.quantity, cell: (t) => quantity(t.quantity), wide: true },
    { head: "Entry", by: (t) => t.entry, cell: (t) => moment(t.entry) },
    { head: "at", name: "Entry price", by: (t) => t.entryPrice, cell: priced("entryPrice"), wide: true },
    { head: "Exit", by: (t) => t.exit, cell: (t) => moment(t.exit), wide: true },
    { head: "at", name: "Exit price", by: (t) => t.exitPrice, cell: priced("exitPrice"), wide: true },
    { head: "Held", by: (t) => t.held, cell: (t) => duration(t.held), wide: true },
    { head: "Costs", by: (t) => t.commission, cell: (t) => fixed(t.commission, costPlaces), wide: true },
    { head: "Net", by: (t) => t.net, cell: (t) => coloured(t.net, fixed(t.net, netPlaces)) },
    {
      head: "Return",
      by: (t) => t.fraction,
      cell: (t) => coloured(t.fraction, percentAt(t.fraction, returnPlaces)),
    },
    {
      head: "Reasons",
      left: true,
      by: reason,
      wide: true,
      cell: (t) =>
        el(
          "td.left.wide.wraps",
          {},
          [run.trades.reasons[t.entryReason], run.trades.reasons[t.exitReason]].filter(Boolean).join(" \u2192 ") +
            (t.atEnd ? " (closed at the end)" : ""),
        ),
    },
  ];
  return run.instruments.length > 1 ? all : all.filter((column) => column.head !== "Symbol");
}

function drawTrades(show) {
  if (trades.length === 0) {
    const open = run.positions.length > 0 ? " A position that is still open is no trade yet." : "";
    const why =
      run.counts.fills === 0 ? "No order was filled, so there are no trades." : "No position was closed." + open;
    fill("trade-list", el("p.empty", {}, why));
    return;
  }
  const columns = tradeColumns(show);
  const state = { by: 0, down: false, page: 0, rows: trades };
  const heads = columns.map((column, i) =>
    el(
      "th." + (column.left ? "left" : "") + (column.wide ? ".wide" : ""),
      { scope: "col" },
      el(
        "button",
        {
          type: "button",
          "aria-label": "Sort by " + (column.name ?? column.head),
          onclick: () => {
            Object.assign(state, { by: i, down: state.by === i ? !state.down : false, page: 0 });
            sort();
            paint();
          },
        },
        column.head,
      ),
    ),
  );
  const body = el("tbody", {});
  const status = el("span", { role: "status" });
  const turn = (label, name, by) =>
    el(
      "button",
      {
        type: "button",
        "aria-label": name,
        onclick: () => {
          state.page = by();
          paint();
        },
      },
      label,
    );
  const last = () => Math.ceil(state.rows.length / PAGE_ROWS) - 1;
  const turns = [
    turn("\u00ab", "First page", () => 0),
    turn("\u2039", "Previous page", () => state.page - 1),
    turn("\u203a", "Next page", () => state.page + 1),
    turn("\u00bb", "Last page", last),
  ];

  function sort() {
    const { by } = columns[state.by];
    const keyed = state.rows.map((trade) => [by(trade), trade]);
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    keyed.sort((a, b) => (state.down ? compare(b[0], a[0]) : compare(a[0], b[0])) || a[1].id - b[1].id);
    state.rows = keyed.map((pair) => pair[1]);
  }

  function paint() {
    heads.forEach((head, i) =>
      head.setAttribute("aria-sort", i !== state.by ? "none" : state.down ? "descending" : "ascending"),
    );
    const from = state.page * PAGE_ROWS;
    const rows = state.rows.slice(from, from + PAGE_ROWS);
    body.replaceChildren(
      ...rows.map((trade) =>
        el(
          "tr",
          {},
          columns.map((column) => {
            const cell = column.cell(trade);
            return cell instanceof HTMLTableCellElement ? cell : el("td." + (column.wide ? "wide" : ""), {}, cell);
          }),
        ),
      ),
    );
    status.textContent =
      `${count(from + 1)}\u2013${count(from + rows.length)} of ${count(state.rows.length)}` +
      (trades.length < run.trades.total ? ` (of ${count(run.trades.total)} in trades.csv)` : "");
    turns.forEach((button, i) => {
      button.disabled = i < 2 ? state.page === 0 : state.page >= last();
    });
  }

  fill(
    "trade-list",
    el(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": "Trades, scrolls sideways" },
      el("table.list", {}, el("thead", {}, el("tr", {}, heads)), body),
    ),
    el("div.pager", {}, status, state.rows.length > PAGE_ROWS ? turns : null),
  );
  drawTradeTools(state, () => {
    sort();
    paint();
  });
  paint();
}

/** Sums of each instrument, where there are several. */
function drawByInstrument() {
  if (run.by_instrument.length < 2) {
    return;
  }
  const sums = run.by_instrument.map((one) => ({ ...one, all: Number(one.net), long: Number(one.net_long) }));
  const places = placesFor(
    sums.map((one) => one.all),
    2,
  );
  const cell = (value, kind = "") => el("td." + tone(value) + kind, {}, signed(value, fixed(value, places)));
  fill(
    "by-instrument",
    el("h3", {}, "By instrument"),
    table(
      ["Symbol", "Trades", "Won", "Long", "Net of long", "Net of short", "Net"],
      sums.map((one) => [
        one.symbol,
        count(one.trades),
        one.trades === 0 ? "n/a" : percentAt(one.won / one.trades, 1),
        el("td.wide", {}, count(one.longs)),
        cell(one.long, ".wide"),
        cell(one.all - one.long, ".wide"),
        cell(one.all),
      ]),
      { wide: [3, 4, 5] },
    ),
  );
}

/** What to list: won or lost ones, those of one instrument. */
function drawTradeTools(state, repaint) {
  const wanted = { outcome: "all", instrument: -1 };
  const choose = (change) => {
    Object.assign(wanted, change);
    state.page = 0;
    state.rows = trades.filter(
      (trade) =>
        (wanted.instrument < 0 || trade.instrument === wanted.instrument) &&
        (wanted.outcome === "all" || (wanted.outcome === "won" ? trade.net > 0 : trade.net < 0)),
    );
    repaint();
  };
  const options = (entries) => entries.map(([value, label]) => el("option", { value }, label));
  const traded = [...new Set(trades.map((trade) => trade.instrument))].sort((a, b) => a - b);
  fill(
    "trade-tools",
    traded.length < 2
      ? null
      : el(
          "select",
          {
            "aria-label": "Instrument",
            onchange: (event) => choose({ instrument: Number(event.target.value) }),
          },
          options([[-1, "All instruments"], ...traded.map((i) => [i, run.instruments[i].symbol])]),
        ),
    el(
      "select",
      { "aria-label": "Outcome", onchange: (event) => choose({ outcome: event.target.value }) },
      options([
        ["all", "All trades"],
        ["won", "Won"],
        ["lost", "Lost"],
      ]),
    ),
  );
}
