"""report.html in a real browser: on wide and narrow screens, light and dark, with little in it and with much."""
import atexit
import base64
import csv
import json
import os
import shutil
import subprocess
from browser import Browser
from cli import Skip, backtest, duet, main, rows, write

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
LOOKS = [(width, dark) for width in (1400, 390) for dark in (False, True)]
_opened = []


def _browser():
    if not _opened:
        browser = Browser().__enter__()
        atexit.register(browser.__exit__)
        _opened.append(browser)
    return _opened[0]


def _bars(path, *args):
    run = duet('data', 'synth', *args, path)
    assert run.code == 0, run
    return path


def _report(folder, *args):
    """Run with a report; the path of its page."""
    run = duet('backtest', '--report', folder, *args)
    assert run.code == 0, run
    page = os.path.join(folder, 'report.html')
    if not os.path.exists(page):
        raise Skip('needs a program with the chart library (npm ci --prefix report/html)')
    assert page in run.out, run
    return page


def _run_of(page):
    """The data in a page."""
    with open(page, encoding='utf-8') as file:
        text = file.read()
    return json.loads(text.split('<script type="application/json" id="duet-run">')[1].split('</script>')[0])


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
    browser = _browser()
    for width, dark in LOOKS:
        browser.open(page, width, 900, dark)
        _whole(browser, width)
        paper = browser.run('getComputedStyle(document.body).backgroundColor')
        brightness = sum(map(int, paper[4:-1].split(',')))
        assert (brightness < 150) == dark, paper


def a_common_run_looks_whole_on_any_screen():
    """Ten years of days, dozens of trades."""
    _bars('d.csv', '--interval', '1d', '--bars', 2600, '--start', '2016-01-01', '--volatility', '0.01')
    _look(_report('out', '--strategy', 'trend', '--data', 'D=d.csv', '--commission', '0.1%'))


def a_run_without_a_trade_says_so():
    """No fills: no empty chart frames, no errors, a word instead."""
    _bars('d.csv', '--interval', '1d', '--bars', 20)
    _look(_report('out', '--strategy', 'sma_cross', '--data', 'D=d.csv'))
    text = _browser().run('document.body.innerText')
    assert 'No order was filled' in text and 'too few' in text and 'NaN' not in text and 'undefined' not in text, text


def a_run_with_one_trade_shows_it():
    """Down, up and down."""
    prices = [160 - i for i in range(60)] + [100 + i for i in range(60)] + [160 - 2 * i for i in range(60)]
    lines = ['date,open,high,low,close,volume']
    for i, price in enumerate(prices):
        day = '2024-%02d-%02d' % (1 + i // 28, 1 + i % 28)
        lines.append('%s,%d,%d,%d,%d,10' % (day, price, price + 1, price - 1, price))
    write('one.csv', '\n'.join(lines) + '\n')
    page = _report('out', '--strategy', 'sma_cross', '--data', 'ONE=one.csv')
    assert len(_run_of(page)['trades']['rows']) == 1
    _look(page)
    browser = _browser()
    assert browser.run('document.querySelectorAll("#trade-list tbody tr").length') == 1
    browser.run('document.querySelector("#trade-list .link").click()')
    browser.settle()
    assert 'Trade 1: long 100' in browser.run('document.querySelector("#price-legend").innerText')
    _whole(browser, 390)


def ten_thousand_trades_are_listed_sorted_and_turned():
    """Few rows at a time, in the order asked for; the whole list is behind them."""
    _bars('m.csv', '--interval', '1m', '--bars', 400000)
    page = _report('out', '--strategy', 'sma_cross', '--param', 'fast=5', '--param', 'slow=20', '--data', 'M=m.csv')
    trades = rows('out/trades.csv')
    assert len(trades) >= 10000
    _look(page)
    browser = _browser()
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
    _bars('m.csv', '--interval', '1m', '--bars', 500000, '--start', '2022-01-01')
    page = _report('out', '--strategy', 'trend', '--data', 'M=m.csv')
    assert os.path.getsize(page) < 10e6, os.path.getsize(page)
    prices = _run_of(page)['prices'][0]
    assert prices['bars_per_candle'] == 1 and prices['count'] == 500000
    with open('m.csv', encoding='ascii') as file:
        for found, row in zip(_candles(prices), csv.DictReader(file), strict=True):
            wanted = [round(float(row[name]) * 100) for name in ('open', 'high', 'low', 'close')]
            assert found[1:] == wanted, (found, row)
    browser = _browser()
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
    page = _report('out', '--strategy', 'buy_and_hold', '--data', 'T=t.csv')
    wanted = []
    for second, ticks in sorted(seconds.items()):
        prices = [price for _, _, price in sorted(ticks)]
        wanted.append([second, prices[0], max(prices), min(prices), prices[-1]])
    run = _run_of(page)
    assert run['counts']['ticks'] == 600 and _candles(run['prices'][0]) == wanted
    _look(page)


def several_instruments_can_be_chosen():
    """One chart, a list of symbols."""
    for seed, name in enumerate(('a', 'b', 'c')):
        _bars(name + '.csv', '--interval', '1h', '--bars', 3000, '--seed', seed + 1)
    page = _report('out', '--strategy', 'trend', '--data', 'A=a.csv', '--data', 'B=b.csv', '--data', 'C=c.csv')
    _look(page)
    browser = _browser()
    browser.open(page)
    assert browser.run('document.querySelector("#price-legend b").textContent') == 'A'
    browser.run('''(() => { const select = document.querySelector("#price-tools select");
        select.value = "2"; select.dispatchEvent(new Event("change")); })()''')
    browser.settle()
    assert browser.run('document.querySelector("#price-legend b").textContent') == 'C'
    _whole(browser, 1400)


def the_scale_of_equity_and_the_colours_can_be_switched():
    """Logarithmic looks other than linear, dark other than light, and both come back."""
    _bars('d.csv', '--interval', '1d', '--bars', 2600, '--start', '2016-01-01', '--volatility', '0.02')
    browser = _browser()
    browser.open(_report('out', '--strategy', 'trend', '--data', 'D=d.csv'))

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
    _bars('d.csv', '--interval', '1d', '--bars', 900)
    browser = _browser()
    browser.open(_report('out', '--strategy', 'trend', '--data', 'D=d.csv'))
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
    path = _bars('x</script><img src=y onerror="alert(1)">\'&amp;\u2028.csv', '--interval', '1d', '--bars', 60)
    page = _report('out', '--strategy', './libh.so', '--data', 'D=' + path)
    with open(page, 'rb') as file:
        assert b'<img' not in file.read()
    run = _run_of(page)
    assert run['data'][0]['path'] == path, run['data']
    assert '</script><b id=evil>' in run['trades']['reasons'], run['trades']['reasons']
    _look(page)
    browser = _browser()
    assert browser.run('document.querySelectorAll("img, #evil").length') == 0
    assert browser.run('document.querySelector("#data").textContent').count('</script>') == 1
    browser.run('''document.body.append(
        Object.assign(document.createElement("script"), {textContent: "window.ran = 1"}))''')
    assert browser.run('window.ran === undefined'), 'the policy lets other scripts run'


def the_page_is_the_same_for_the_same_run():
    """Byte for byte, wherever it goes."""
    _bars('d.csv', '--interval', '1d', '--bars', 400)
    pages = [_report(folder, '--strategy', 'trend', '--data', 'D=d.csv') for folder in ('a', 'b')]
    contents = []
    for page in pages:
        with open(page, 'rb') as file:
            contents.append(file.read())
    assert contents[0] == contents[1]
    assert sorted(os.listdir('a')) == sorted(os.listdir('b')) and not any('tmp' in name for name in os.listdir('a'))


def a_run_without_a_report_writes_none():
    """Only --report makes one."""
    _bars('d.csv', '--interval', '1d', '--bars', 100)
    backtest('--strategy', 'trend', '--data', 'D=d.csv').json()
    assert not any(name.endswith('.html') for name in os.listdir('.'))


if __name__ == '__main__':
    main(globals())
