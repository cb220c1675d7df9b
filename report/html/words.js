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

/** Places that show two digits of `size`; at least so many, at most ten. */
const placesOf = (size, least) =>
  size > 0 && size < 1 ? Math.min(10, Math.max(least, 1 - Math.floor(Math.log10(size)))) : least;

/** Places for a whole column, so that its points stand below each other: enough for the middle one of its sizes. */
function placesFor(values, least) {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  sizes.sort((a, b) => a - b);
  const middle = sizes[sizes.length >> 1] ?? 1;
  return middle < 0.1 ? placesOf(middle, least) : least;
}

/** Labels of an axis with the places that tell its marks apart, and no more. */
function axisWords(marks, scale = 1, unit = "") {
  const values = marks.map((mark) => mark * scale);
  const steps = values.slice(1).map((value, i) => Math.abs(value - values[i]));
  const step = Math.min(...steps.filter((size) => size > 0), Math.abs(values[0]) || 1);
  const most = Math.min(Math.max(Math.ceil(1 - Math.log10(step)), 0), 12);
  const whole = (places) =>
    values.every((value) => {
      const shifted = value * 10 ** places;
      return Math.abs(shifted - Math.round(shifted)) < step * 10 ** places * 0.01;
    });
  let places = 0;
  while (places < most && !whole(places)) {
    places++;
  }
  return values.map((value) => fixed(value, places) + unit);
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

/** "12.34 %"; what would be 0.00 shows two digits. What is left over of rounding is zero. */
function percent(value, places = 2) {
  const size = Math.abs(value) * 100;
  const wanted = size < 1e-10 ? places : size < 0.01 ? placesOf(size, places) : places;
  return percentAt(value, size >= 1000 ? 0 : size >= 100 ? Math.min(places, 1) : wanted);
}

/** Exactly so many places, for columns. */
const percentAt = (value, places) => fixed(value * 100, places) + "\u202f%";

function number(value) {
  const size = Math.abs(value);
  if (size >= 1e15) {
    return value.toExponential(3).replace("-", MINUS);
  }
  return fixed(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 0.01 || size < 1e-10 ? 2 : placesOf(size, 4));
}

const count = (value) => fixed(value, 0);

/** As many as there are: "1 trade", "2 trades". */
const several = (value, one, many = one + "s") => count(value) + "\u00a0" + (value === 1 ? one : many);

/** Whole or with the places that it has. */
function quantity(value) {
  const [digits, power] = String(value).split("e-");
  return fixed(value, (digits.split(".")[1] ?? "").length + Number(power ?? 0));
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

/**
 * A table from its heads and rows of cells; a cell is text or an element. The first `left` columns are flush left;
 * those that are `wide` are for wide screens only, by their cells too. On a narrow screen a table that `stacks` shows
 * each row as a list of its cells with their heads.
 */
function table(heads, rows, { left = 1, wide = [], stacks = false } = {}) {
  const side = (index) => (index < left ? "left" : "") + (wide.includes(index) ? ".wide" : "");
  return el(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": "Table, scrolls sideways" },
    el(
      "table" + (stacks ? ".stacks" : ""),
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
            cells.map((cell, i) => {
              const made = cell instanceof HTMLTableCellElement ? cell : el("td." + side(i), {}, cell);
              made.dataset.head = heads[i];
              return made;
            }),
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
