// Puts the parts onto the page.

function drawHead() {
  const symbols = run.instruments.map((one) => one.symbol);
  const names =
    symbols.length > 4
      ? symbols.slice(0, 3).join(", ") + " and " + (symbols.length - 3) + " more"
      : symbols.join(", ");
  document.title = `${run.strategy}: ${names} \u2013 Duet`;
  byId("strategy").textContent = run.strategy;
  byId("mode").textContent = run.mode;
  const parts = [names];
  if (run.start !== null) {
    parts.push(span(run.start, run.end));
  }
  const intervals = [...new Set(run.data.map((one) => one.interval).filter(Boolean))];
  if (run.counts.bars > 0 || run.counts.ticks === 0) {
    parts.push(several(run.counts.bars, "bar") + (intervals.length === 1 ? " of " + intervals[0] : ""));
  }
  if (run.counts.ticks > 0) {
    const kinds = run.data.map((one) => one.kind).filter((kind) => kind !== "bars");
    parts.push(`${count(run.counts.ticks)} ${[...new Set(kinds)].join(" and ")}`);
  }
  parts.push(run.currency);
  if (!run.daily) {
    parts.push("times in UTC");
  }
  fill(
    "meta",
    parts.flatMap((text) => [el("span", {}, text), " "]),
  );
  byId("made-by").textContent = `Made by duet ${run.version}. This file needs no network.`;
}

/** Light or dark: the reader's, or as the system has it. Paper is white. */
function followTheme() {
  const root = document.documentElement;
  const repaint = () => charts.forEach((one) => one.paint());
  const set = (theme) => {
    if (theme === "auto") {
      delete root.dataset.theme;
    } else {
      root.dataset.theme = theme;
    }
    repaint();
  };
  let chosen = "auto";
  byId("theme").addEventListener("change", (event) => {
    chosen = event.target.value;
    set(chosen);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  window.addEventListener("beforeprint", () => set("light"));
  window.addEventListener("afterprint", () => set(chosen));
}

/** The link of the section in view is the current one. */
function followSections() {
  const links = new Map([...document.querySelectorAll(".nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver(
    (entries) => {
      entries.forEach((entry) => seen[entry.isIntersecting ? "add" : "delete"](entry.target.id));
      const first = [...links.keys()].find((id) => seen.has(id));
      links.forEach((link, id) => {
        if (id === first) {
          link.setAttribute("aria-current", "true");
        } else {
          link.removeAttribute("aria-current");
        }
      });
    },
    { rootMargin: "-60px 0px -50% 0px" },
  );
  links.forEach((_, id) => watch.observe(byId(id)));
}

drawHead();
drawTiles();
drawNotices();
drawEquity();
drawDrawdowns();
const price = drawPrice();
drawMonths();
drawDistribution();
drawRolling();
drawTrades((index) => price?.show(index));
drawByInstrument();
drawFigures();
drawRun();
drawRepeat();
followTheme();
followSections();
document.documentElement.dataset.ready = "true";
