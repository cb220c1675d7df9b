"""report.html in a real browser: on wide and narrow screens, light and dark, with little in it and with much."""
import base64
import csv
import datetime
import os
import shutil
import subprocess

from cli import Skip, backtest, main, rows, write
from pages import bars, chromium, report, run_of

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
LOOKS = [(width, dark) for width in (1400, 390) for dark in (False, True)]


def _candles(prices):
    """[seconds, open, high, low, close] of each, prices in units."""
    numbers, value, shift = [], 0, 0
    for byte in base64.b64decode(prices['candles']):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value >> 1 if value % 2 == 0 else -(value + 1 >> 1))
            value = shift = 0
    candles, time, close = [], 0, 0
    for i in range(0, len(numbers), 5):
        later, opened, moved, above, below = numbers[i:i + 5]
        time += prices['step'] + later
        opened, close = close + opened, close + opened + moved
        candles.append([time, opened, max(opened, close) + above, min(opened, close) - below, close])
    return candles


def _whole(browser, width):
    """No complaint, no request, nothing wider than the screen, and something on every chart that is shown."""
    assert browser.complaints() == [], browser.complaints()
    assert browser.requests() == [], browser.requests()
    assert browser.run('document.documentElement.scrollWidth') <= width
    blank = browser.run('''[...document.querySelectorAll('.chart')].filter((chart) => chart.clientHeight > 0 &&
        !chart.querySelector('svg rect') && Math.max(0, ...[...chart.querySelectorAll('canvas')].map((canvas) => {
          if (canvas.width === 0 || canvas.height === 0) return 0;
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return new Set(new Uint32Array(data.buffer)).size;
        })) < 8).map((chart) => chart.id)''')
    assert blank == [], blank


def _look(page):
    browser = chromium()
    for width, dark in LOOKS:
        browser.open(page, width, 900, dark)
        _whole(browser, width)
        paper = browser.run('getComputedStyle(document.body).backgroundColor')
        brightness = sum(map(int, paper[4:-1].split(',')))
        assert (brightness < 150) == dark, paper


def a_common_run_looks_whole_on_any_screen():
    """Ten years of days, dozens of trades."""
    bars('d.csv', '--interval', '1d', '--bars', 2600, '--start', '2016-01-01', '--volatility', '0.01')
    _look(report('out', '--strategy', 'trend', '--data', 'D=d.csv', '--commission', '0.1%'))


def a_run_without_a_trade_says_so():
    """No fills: no empty chart frames, no errors, a word instead."""
    bars('d.csv', '--interval', '1d', '--bars', 20)
    _look(report('out', '--strategy', 'sma_cross', '--data', 'D=d.csv'))
    text = chromium().run('document.body.innerText')
    assert 'No order was filled' in text and 'too few' in text and 'NaN' not in text and 'undefined' not in text, text


def a_run_with_one_trade_shows_it():
    """Down, up and down."""
    prices = [160 - i for i in range(60)] + [100 + i for i in range(60)] + [160 - 2 * i for i in range(60)]
    lines = ['date,open,high,low,close,volume']
    for i, price in enumerate(prices):
        day = '2024-%02d-%02d' % (1 + i // 28, 1 + i % 28)
        lines.append('%s,%d,%d,%d,%d,10' % (day, price, price + 1, price - 1, price))
    write('one.csv', '\n'.join(lines) + '\n')
    page = report('out', '--strategy', 'sma_cross', '--data', 'ONE=one.csv')
    assert len(run_of(page)['trades']['rows']) == 1
    _look(page)
    browser = chromium()
    assert browser.run('document.querySelectorAll("#trade-list tbody tr").length') == 1
    browser.run('document.querySelector("#trade-list .link").click()')
    browser.settle()
    assert 'Trade 1: long 100' in browser.run('document.querySelector("#price-legend").innerText')
    _whole(browser, 390)


def ten_thousand_trades_are_listed_sorted_and_turned():
    """Few rows at a time, in the order asked for; the whole list is behind them."""
    bars('m.csv', '--interval', '1m', '--bars', 400000)
    page = report('out', '--strategy', 'sma_cross', '--param', 'fast=5', '--param', 'slow=20', '--data', 'M=m.csv')
    trades = rows('out/trades.csv')
    assert len(trades) >= 10000
    _look(page)
    browser = chromium()
    browser.open(page)
    assert browser.run('document.querySelectorAll("#trade-list tbody tr").length') <= 50
    assert '%s' % format(len(trades), ',') in browser.run('document.querySelector(".pager").innerText')

    def first_id():
        return browser.run('document.querySelector("#trade-list tbody .link").textContent')

    best = sorted(trades, key=lambda trade: (-float(trade['net']), int(trade['trade_id'])))
    browser.run('document.querySelector("[aria-label=\'Sort by Net\']").click()')
    browser.run('document.querySelector("[aria-label=\'Sort by Net\']").click()')
    assert first_id() == best[0]['trade_id'], (first_id(), best[0])
    assert browser.run('document.querySelectorAll("[aria-sort=descending]").length') == 1
    browser.run('document.querySelector("[aria-label=\'Last page\']").click()')
    last = browser.run('[...document.querySelectorAll("#trade-list tbody .link")].pop().textContent')
    worst = min(float(trade['net']) for trade in trades)
    assert [float(t['net']) for t in trades if t['trade_id'] == last] == [worst], last
    browser.run('''(() => { const select = document.querySelector("#trade-tools select[aria-label=Outcome]");
        select.value = "won"; select.dispatchEvent(new Event("change")); })()''')
    won = sum(float(trade['net']) > 0 for trade in trades)
    assert format(won, ',') in browser.run('document.querySelector(".pager").innerText')
    _whole(browser, 1400)


def half_a_million_bars_are_all_there_when_one_zooms_in():
    """The file is small enough, the candles in it are the bars of the source, and zooming leads down to them."""
    bars('m.csv', '--interval', '1m', '--bars', 500000, '--start', '2022-01-01')
    page = report('out', '--strategy', 'trend', '--data', 'M=m.csv')
    assert os.path.getsize(page) < 10e6, os.path.getsize(page)
    prices = run_of(page)['prices'][0]
    assert prices['bars_per_candle'] == 1 and prices['count'] == 500000
    with open('m.csv', encoding='ascii') as file:
        for found, row in zip(_candles(prices), csv.DictReader(file), strict=True):
            wanted = [round(float(row[name]) * 100) for name in ('open', 'high', 'low', 'close')]
            assert found[1:] == wanted, (found, row)
    browser = chromium()
    browser.open(page)
    _whole(browser, 1400)
    group = 'Number(document.querySelector("#price-chart").dataset.group)'
    assert browser.run(group) >= 128
    for _ in range(20):
        browser.run('document.querySelector("[aria-label=\'Zoom in\']").click()')
        browser.settle()
        if browser.run(group) == 1:
            break
    assert browser.run(group) == 1
    _whole(browser, 1400)
    browser.open(page, 390)
    _whole(browser, 390)


def trades_of_the_market_are_candles_of_a_second():
    """A file of trades, several in a second, none in others."""
    lines, seconds = ['time,price,quantity'], {}
    for i in range(600):
        ms = i * i * 7 % 5000 + i * 900
        price = 10000 + (i * 37) % 101 - i % 13
        lines.append('%d,%d.%02d,1' % (1700000000000 + ms, price // 100, price % 100))
        seconds.setdefault(1700000000 + ms // 1000, []).append((ms, i, price))
    write('t.csv', '\n'.join(lines) + '\n')
    page = report('out', '--strategy', 'buy_and_hold', '--data', 'T=t.csv')
    wanted = []
    for second, ticks in sorted(seconds.items()):
        prices = [price for _, _, price in sorted(ticks)]
        wanted.append([second, prices[0], max(prices), min(prices), prices[-1]])
    run = run_of(page)
    assert run['counts']['ticks'] == 600 and _candles(run['prices'][0]) == wanted
    _look(page)


def rolling_figures_span_the_run_and_leave_gaps():
    """Weeks without a trade have no Sharpe ratio: the chart still runs from the first window to the last week."""
    lines, price = ['date,open,high,low,close,volume'], 100
    day = datetime.date(2015, 1, 5)
    for i in range(420):
        price = 100 + (i % 40 if 150 < i < 200 else 0) + i % 2
        lines.append('%s,%d,%d,%d,%d,5' % (day + datetime.timedelta(7 * i), price, price + 1, price - 1, price))
    write('w.csv', '\n'.join(lines) + '\n')
    page = report('out', '--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=30', '--data', 'W=w.csv')
    days = run_of(page)['days']
    known = [time for time, value in zip(days['time'], days['rolling_volatility']) if value is not None]
    assert days['rolling_sharpe'].count(None) > days['rolling_volatility'].count(None) > 100
    browser = chromium()
    browser.open(page)
    left, top, width = browser.run('''(() => {
        const chart = document.querySelector("#rolling-chart");
        chart.scrollIntoView({ behavior: "instant", block: "center" });
        const box = chart.getBoundingClientRect();
        return [box.left, box.top, box.width];
      })()''')
    seen = []
    for x in range(1, int(width) - 40, 3):
        browser.call('Input.dispatchMouseEvent', type='mouseMoved', x=left + x, y=top + 40)
        seen.append(browser.run('document.querySelector("#rolling-legend").lastChild.textContent'))
    dates = [text for text in seen if text]
    wanted = [str(datetime.datetime.fromtimestamp(at, datetime.timezone.utc).date()) for at in (known[0], known[-1])]
    assert [dates[0], dates[-1]] == wanted, (dates[0], dates[-1], wanted)
    assert len(dates) > 0.7 * len(seen), (len(dates), len(seen))


def entries_and_exits_are_thinned_out_together():
    """Where not all marks have room, both marks of some trades are there; none is only an entry."""
    bars('m.csv', '--interval', '1m', '--bars', 60000)
    browser = chromium()
    for bars_made in ('1m', '5m'):
        for width in (1400, 390):
            browser.open(report(bars_made, '--strategy', 'sma_cross', '--data', 'M=m.csv,bars=' + bars_made), width)
            entries, exits = (int(browser.run('document.querySelector("#price-chart").dataset.' + kind))
                              for kind in ('entries', 'exits'))
            assert abs(entries - exits) <= 1 and 20 < entries + exits <= width / 4, (bars_made, width, entries, exits)


def what_is_still_open_is_marked_where_it_began():
    """Bought once and held: the price shows where."""
    bars('d.csv', '--interval', '1d', '--bars', 60)
    page = report('out', '--strategy', 'buy_and_hold', '--data', 'D=d.csv')
    fill = rows('out/fills.csv')[0]
    opened = run_of(page)['trades']['open']
    assert [(one['side'], one['entryPrice']) for one in opened] == [(1, float(fill['price']))], opened
    browser = chromium()
    browser.open(page)
    assert browser.run('document.querySelector("#price-chart").dataset.entries') == '1'
    assert 'still open' in browser.run('document.querySelector("#price-hint").textContent')


def ruin_is_the_first_thing_that_is_said():
    """Sold short at 110, then 400: equity below zero, no logarithm of it, and a drawdown beyond a hundred percent."""
    lines = ['date,open,high,low,close,volume']
    for i in range(50):
        price = 100 + i % 2 if i < 30 else 110 if i < 40 else 400
        lines.append('2024-%02d-%02d,%d,%d,%d,%d,9' % (1 + i // 28, 1 + i % 28, price, price, price, price))
    write('d.csv', '\n'.join(lines) + '\n')
    page = report('out', '--strategy', 'mean_reversion', '--param', 'shorts=true', '--data', 'D=d.csv')
    run = run_of(page)
    assert run['status'] == 'RUINED' and float(run['money']['final_equity']) < 0, run['money']
    _look(page)
    browser = chromium()
    assert browser.run('document.querySelector(".notice li").textContent').startswith('Ruined: ')
    assert browser.run('document.querySelector("#scale").disabled')
    text = browser.run('document.body.innerText')
    assert 'NaN' not in text and 'Infinity' not in text and 'undefined' not in text, text


def nothing_is_too_pale_to_read():
    """Contrast of every text with what is behind it, light and dark: 4.5 to 1, large text 3 to 1 (WCAG AA)."""
    bars('d.csv', '--interval', '1d', '--bars', 2600, '--start', '2016-01-01', '--volatility', '0.01')
    page = report('out', '--strategy', 'trend', '--data', 'D=d.csv', '--commission', '0.1%')
    browser = chromium()
    for dark in (False, True):
        browser.open(page, 1400, 900, dark)
        pale = browser.run('''(() => {
          const parse = (text) => text.match(/[0-9.]+/g).map(Number);
          const over = (top, under) => {
            const alpha = top[3] ?? 1;
            return [0, 1, 2].map((i) => top[i] * alpha + under[i] * (1 - alpha));
          };
          const behind = (element) => element === null ? [255, 255, 255]
              : over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement));
          const light = (colour) => {
            const [r, g, b] = colour.map((c) => c / 255)
                .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const found = [];
          for (const element of document.querySelectorAll("body *")) {
            const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
            if (!own || !element.checkVisibility() || element.closest(":disabled, script, .unseen, .skip")) continue;
            const style = getComputedStyle(element);
            const under = behind(element);
            const ink = parse(element instanceof SVGElement ? style.fill : style.color);
            const pair = [light(over(ink, under)), light(under)].sort((a, b) => b - a);
            const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
            if (contrast < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) {
              found.push([element.textContent.slice(0, 30), element.className, contrast]);
            }
          }
          return found;
        })()''')
        assert pale == [], (dark, pale[:10])


def several_instruments_can_be_chosen():
    """One chart, a list of symbols."""
    for seed, name in enumerate(('a', 'b', 'c')):
        bars(name + '.csv', '--interval', '1h', '--bars', 3000, '--seed', seed + 1)
    page = report('out', '--strategy', 'trend', '--data', 'A=a.csv', '--data', 'B=b.csv', '--data', 'C=c.csv')
    _look(page)
    browser = chromium()
    browser.open(page)
    assert browser.run('document.querySelector("#price-legend b").textContent') == 'A'
    browser.run('''(() => { const select = document.querySelector("#price-tools select");
        select.value = "2"; select.dispatchEvent(new Event("change")); })()''')
    browser.settle()
    assert browser.run('document.querySelector("#price-legend b").textContent') == 'C'
    _whole(browser, 1400)


def the_scale_of_equity_and_the_colours_can_be_switched():
    """Logarithmic looks other than linear, dark other than light, and both come back."""
    bars('d.csv', '--interval', '1d', '--bars', 2600, '--start', '2016-01-01', '--volatility', '0.02')
    browser = chromium()
    browser.open(report('out', '--strategy', 'trend', '--data', 'D=d.csv'))

    def chart():
        return browser.run('[...document.querySelectorAll("#equity-chart canvas")].map((c) => c.toDataURL()).join()')

    def choose(name, value):
        browser.run('document.querySelector("input[name=%s][value=%s]").click()' % (name, value))
        browser.settle()

    linear = chart()
    choose('scale', 'log')
    log = chart()
    assert log != linear
    choose('scale', 'linear')
    assert chart() == linear
    choose('theme', 'dark')
    assert chart() != linear
    assert browser.run('document.documentElement.dataset.theme') == 'dark'
    choose('theme', 'light')
    assert chart() == linear
    _whole(browser, 1400)


def the_charts_answer_to_keys():
    """Plus, arrows and 0, on every chart."""
    bars('d.csv', '--interval', '1d', '--bars', 900)
    browser = chromium()
    browser.open(report('out', '--strategy', 'trend', '--data', 'D=d.csv'))
    for chart in ('equity-chart', 'price-chart', 'rolling-chart'):
        browser.run('document.querySelector("#%s").focus()' % chart)
        picture = 'document.querySelector("#%s canvas").toDataURL()' % chart
        seen = [browser.run(picture)]
        for key in ('+', 'ArrowLeft', '0'):
            browser.call('Input.dispatchKeyEvent', type='keyDown', key=key, text=key if len(key) == 1 else '')
            browser.settle()
            seen.append(browser.run(picture))
        assert len(set(seen[:3])) == 3, chart
        assert seen[3] == seen[0], chart


def paper_is_white_and_wide_enough():
    """Printed from a dark screen on A4: white, and no table runs over the edge."""
    for seed, name in enumerate(('a', 'b')):
        bars(name + '.csv', '--interval', '1h', '--bars', 3000, '--seed', seed + 1)
    page = report('out', '--strategy', 'trend', '--data', 'A=a.csv', '--data', 'B=b.csv')
    browser = chromium()
    browser.open(page, 794, 1123, True)
    browser.run('window.dispatchEvent(new Event("beforeprint"))')
    browser.call('Emulation.setEmulatedMedia', media='print')
    browser.settle()
    assert browser.run('getComputedStyle(document.body).backgroundColor') == 'rgb(255, 255, 255)'
    assert browser.run('document.documentElement.scrollWidth') <= 794
    assert browser.run('document.querySelectorAll("#trade-list tbody tr").length') > 20
    assert browser.complaints() == [], browser.complaints()


def the_licences_of_what_is_in_the_page_are_in_it():
    """Apache-2.0 asks for the notice, the link and the name of the licence; MIT for its text."""
    bars('d.csv', '--interval', '1d', '--bars', 60)
    with open(report('out', '--strategy', 'trend', '--data', 'D=d.csv'), encoding='utf-8') as file:
        text = ' '.join(file.read().split())
    for part in ('TradingView Lightweight Charts™ v5', 'Copyright © 2026 TradingView, Inc.',
                 'https://www.tradingview.com/', 'https://www.apache.org/licenses/LICENSE-2.0', 'fancy-canvas',
                 'The above copyright notice and this permission notice shall be included'):
        assert part in text, part
    with open(os.path.join(SOURCE, 'report', 'html', 'package-lock.json'), encoding='utf-8') as file:
        lock = file.read()
    assert '"integrity"' in lock and '"resolved"' not in lock and 'http' not in lock


def nothing_from_outside_can_break_out_of_the_page():
    """Paths and reasons that look like markup stay text; the page runs its own scripts only."""
    compiler = shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
    if compiler is None:
        raise Skip('needs a C compiler')
    reasons = [b'</script><b id=evil>', b'<!--<script>', b'"\\\'&quot;&lt;\n', b'\xe2\x80\xa8\xff${x}']
    write('h.c', '''#include <duet/strategy.h>
struct s { int64_t n; };
static const char *const reasons[] = {%s};
static void on_bar(struct duet_context *ctx, void *state, const struct duet_bar *bar) {
    struct s *self = state;
    duet_target(ctx, self->n %% 2 == 0 ? 1 : 0, reasons[self->n / 2 %% 4]);
    self->n++;
}
const struct duet_strategy_impl duet_strategy_plugin = {.size = sizeof(struct duet_strategy_impl),
    .abi = DUET_STRATEGY_ABI, .name = "hostile", .scope = DUET_EACH_INSTRUMENT,
    .state_size = sizeof(struct s), .on_bar = on_bar};
''' % ', '.join('"%s"' % ''.join('\\%03o' % byte for byte in reason) for reason in reasons))
    subprocess.run([compiler, '-shared', '-fPIC', '-I' + os.path.join(SOURCE, 'include'), '-o', 'libh.so', 'h.c'],
                   check=True)
    os.makedirs('x<')
    path = bars('x</script><img src=y onerror="alert(1)">\'&amp;\u2028.csv', '--interval', '1d', '--bars', 60)
    page = report('out', '--strategy', './libh.so', '--data', '<script>D</script>=' + path)
    with open(page, 'rb') as file:
        assert b'<img' not in file.read()
    run = run_of(page)
    assert run['data'][0]['path'] == path, run['data']
    assert '</script><b id=evil>' in run['trades']['reasons'], run['trades']['reasons']
    _look(page)
    browser = chromium()
    assert browser.run('document.querySelectorAll("img, #evil").length') == 0
    assert browser.run('document.querySelector("#data").textContent').count('</script>') == 2
    assert '<script>D</script>' in browser.run('document.querySelector("#meta").textContent')
    browser.run('''document.body.append(
        Object.assign(document.createElement("script"), {textContent: "window.ran = 1"}))''')
    assert browser.run('window.ran === undefined'), 'the policy lets other scripts run'


def the_page_is_the_same_for_the_same_run():
    """Byte for byte, wherever it goes."""
    bars('d.csv', '--interval', '1d', '--bars', 400)
    pages = [report(folder, '--strategy', 'trend', '--data', 'D=d.csv') for folder in ('a', 'b')]
    contents = []
    for page in pages:
        with open(page, 'rb') as file:
            contents.append(file.read())
    assert contents[0] == contents[1]
    assert sorted(os.listdir('a')) == sorted(os.listdir('b')) and not any('tmp' in name for name in os.listdir('a'))


def a_run_without_a_report_writes_none():
    """Only --report makes one."""
    bars('d.csv', '--interval', '1d', '--bars', 100)
    backtest('--strategy', 'trend', '--data', 'D=d.csv').json()
    assert not any(name.endswith('.html') for name in os.listdir('.'))


if __name__ == '__main__':
    main(globals())
