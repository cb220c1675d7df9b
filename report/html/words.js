// Numbers and times as people read them, and elements to put them in. Text only ever becomes text, never markup.

const MINUS = "\u2212";
const grouped = (places) =>
  new Intl.NumberFormat("en-US", {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
const formats = Array.from({ length: 13 }, (_, places) => grouped(places));

/** "1,234.50": exactly so many places. */
function fixed(value, places) {
  const text = formats[Math.min(Math.max(places, 0), 12)].format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

function signed(value, text) {
  return value > 0 && /[1-9]/.test(text) ? "+" + text : text;
}

/** Two places; small amounts get as many as show four digits. */
function money(value) {
  const size = Math.abs(value);
  return fixed(value, size > 0 && size < 1 ? Math.min(8, 3 - Math.floor(Math.log10(size))) : 2);
}

/** For tiles and axes: no cents where they say nothing. */
function shortMoney(value) {
  return Math.abs(value) >= 10000 ? fixed(value, 0) : money(value);
}

function percent(value, places = 2) {
  const size = Math.abs(value) * 100;
  return fixed(value * 100, size >= 1000 ? 0 : size >= 100 ? Math.min(places, 1) : places) + "\u202f%";
}

function number(value) {
  const size = Math.abs(value);
  if (size >= 1e15) {
    return value.toExponential(3).replace("-", MINUS);
  }
  return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.01 || size === 0 ? 2 : 4);
}

const count = (value) => fixed(value, 0);

/** As many as there are: "1 trade", "2 trades". */
const several = (value, one, many = one + "s") => count(value) + "\u00a0" + (value === 1 ? one : many);

function quantity(value) {
  return value % 1 === 0 ? fixed(value, 0) : String(value);
}

const two = (value) => String(value).padStart(2, "0");

/** "2024-03-01". */
function date(seconds) {
  const at = new Date(seconds * 1000);
  return at.getUTCFullYear() + "-" + two(at.getUTCMonth() + 1) + "-" + two(at.getUTCDate());
}

/** "2024-03-01 14:30", with seconds where there are any; the date alone in a run of days. */
function moment(seconds) {
  if (run.daily) {
    return date(seconds);
  }
  const at = new Date(seconds * 1000);
  const rest = at.getUTCSeconds() === 0 ? "" : ":" + two(at.getUTCSeconds());
  return date(seconds) + "\u00a0" + two(at.getUTCHours()) + ":" + two(at.getUTCMinutes()) + rest;
}

/** "35 min", "6.5 h", "69.3 days". */
function duration(seconds) {
  const [size, unit] =
    seconds < 120 ? [1, "s"] : seconds < 7200 ? [60, "min"] : seconds < 172800 ? [3600, "h"] : [86400, "days"];
  const value = seconds / size;
  const text = fixed(value, value >= 100 || Number.isInteger(value) ? 0 : 1);
  return text + "\u00a0" + (unit === "days" && text === "1" ? "day" : unit);
}

/** From … to …; each of them stays in one piece. */
const span = (from, to) => [el("span.nowrap", {}, moment(from)), " to ", el("span.nowrap", {}, moment(to))];

const tone = (value) => (value > 0 ? "good" : value < 0 ? "bad" : "");

/** el("td.left", {title: "…"}, "text", child, …); what is null is left out. */
function el(what, attributes, ...children) {
  const [name, ...classes] = what.split(".");
  const element = document.createElement(name);
  const used = classes.filter(Boolean);
  if (used.length > 0) {
    element.className = used.join(" ");
  }
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== null && value !== false) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const byId = (id) => document.getElementById(id);

function fill(id, ...children) {
  byId(id).replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A table from its heads and rows of cells; a cell is text or an element. The first `left` columns are flush left. */
function table(heads, rows, left = 1) {
  const side = (index) => (index < left ? "left" : "");
  return el(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": "Table, scrolls sideways" },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          heads.map((head, i) => el("th." + side(i), { scope: "col" }, head)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((cells) =>
          el(
            "tr",
            {},
            cells.map((cell, i) => (cell instanceof HTMLTableCellElement ? cell : el("td." + side(i), {}, cell))),
          ),
        ),
      ),
    ),
  );
}

/** Label and value, line by line; rows are [label, value, title?]. */
function pairs(rows) {
  return el(
    "dl.pairs",
    {},
    rows
      .filter(Boolean)
      .map(([label, value, title]) =>
        el("div", {}, el("dt", { title: title || null }, label), el("dd", {}, value)),
      ),
  );
}
