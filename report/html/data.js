// The run, as report/html.c wrote it.

const run = JSON.parse(byId("duet-run").textContent);
const figure = new Map(run.figures.map((one) => [one.key, one]));

/** One figure in words; where it is not defined, why. */
function figureText(one) {
  if (one.value === null) {
    return "n/a";
  }
  const value = Number(one.value);
  switch (one.unit) {
    case "fraction":
      return percent(value);
    case "money":
      return money(value);
    case "count":
      return count(value);
    case "seconds":
      return duration(value);
    case "time":
      return moment(value);
    default:
      return number(value);
  }
}

// Trades: rows become objects with the names of their columns.
const TRADE = [
  "id",
  "instrument",
  "side",
  "quantity",
  "entry",
  "entryPrice",
  "exit",
  "exitPrice",
  "held",
  "commission",
  "net",
  "fraction",
  "entryReason",
  "exitReason",
  "atEnd",
];
const trades = run.trades.rows.map((row) => Object.fromEntries(TRADE.map((name, i) => [name, row[i]])));

/** Index of the last element that is not above `value`; -1 where all are. */
function lastNotAbove(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** The candles of one entry of run.prices, unpacked into one typed array per field; prices as numbers. */
function unpack(prices) {
  const bytes = Uint8Array.from(atob(prices.candles), (character) => character.charCodeAt(0));
  const scale = 10 ** run.instruments[prices.instrument].decimals;
  const columns = ["time", "open", "high", "low", "close"].map(() => new Float64Array(prices.count));
  const [times, opens, highs, lows, closes] = columns;
  let at = 0;
  const next = () => {
    let value = 0;
    let weight = 1;
    let byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * weight;
      weight *= 128;
    } while (byte > 127);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  let time = 0;
  let price = 0;
  for (let i = 0; i < prices.count; i++) {
    time += prices.step + next();
    const open = price + next();
    const close = open + next();
    times[i] = time;
    opens[i] = open / scale;
    highs[i] = (Math.max(open, close) + next()) / scale;
    lows[i] = (Math.min(open, close) - next()) / scale;
    closes[i] = close / scale;
    price = close;
  }
  return { times, opens, highs, lows, closes };
}
