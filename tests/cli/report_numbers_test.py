"""What report.html says in numbers: the same as result.json and the CSV files, or reckoned anew from them.

A number on the page is rounded. It is right where it is within half a unit of its own last place; and where there is
something to tell, it tells it: not 0.00 of what is not zero.
"""
import collections
import datetime
import json
import re

from cli import main, rows, shared, write
from pages import bars, chromium, report, run_of

UNITS = {'s': 1, 'min': 60, 'h': 3600, 'day': 86400, 'days': 86400}
CONVENTIONS = ('duet-1', 'backtrader', 'backtesting', 'lean', 'empyrical')


def _texts(selector):
    return chromium().run('[...document.querySelectorAll(%s)].map((one) => one.textContent)' % json.dumps(selector))


def _is(shown, value, unit='number'):
    """Whether the text is the value."""
    found = re.fullmatch('([+−]?)([0-9,]+(?:\\.([0-9]+))?)(e[−+]?[0-9]+)?(?:[\u202f\u00a0](.+))?', shown)
    assert found, shown
    sign, digits, places, power, suffix = found.groups()
    assert suffix == ('%' if unit == 'fraction' else suffix), shown
    scale = 0.01 if suffix == '%' else UNITS[suffix] if unit == 'seconds' else 1
    ten = 10 ** int((power or 'e0')[1:].replace('−', '-'))
    number = float(digits.replace(',', '')) * ten * (-1 if sign == '−' else 1)
    half = 0.5 * 10 ** -len(places or '') * ten
    assert abs(number - value / scale) <= half * 1.0001 + 1e-9 * abs(number), (shown, value)
    return number


def _day_of_end(iso):
    """The date of what ends at an instant: midnight belongs to the day before."""
    at = datetime.datetime.fromisoformat(iso.rstrip('Z')) - datetime.timedelta(microseconds=1)
    return at.strftime('%Y-%m-%d')


def _spy(folder, *args):
    data = 'SPY=' + shared('data', 'daily', 'kaggle_us', 'spy.us.txt')
    return report(folder, '--strategy', 'sma_cross', '--data', data, '--commission', '5bps',
                  '--slippage', '2bps', *args)


def _result(folder):
    with open(folder + '/result.json', encoding='utf-8') as file:
        return json.load(file)


def _shown_figures():
    """[name, text] of every figure; of what is not defined the text is "n/a" and why."""
    return chromium().run('''[...document.querySelectorAll('#figures dl > div')].map((row) =>
        [row.querySelector('dt').textContent, row.querySelector('dd').textContent])''')


def every_figure_is_that_of_the_json_in_every_convention():
    """None missing, none added, each within its last place; what is null says why."""
    for name in CONVENTIONS:
        page = _spy(name, '--statistics', name)
        result, run = _result(name), run_of(page)
        values = {key: value for key, value in result['stats'].items() if key not in ('convention', 'annualisation')}
        if name == 'duet-1':
            values.update(result['costs'])
        assert [one['key'] for one in run['figures']] == list(values), name
        chromium().open(page)
        shown = _shown_figures()
        empty = [text for text in _texts('#figures .empty')]
        assert len(shown) + sum(text.split(':')[0].count(',') + 1 for text in empty) == len(values), (name, empty)
        named = collections.Counter(label for label, _ in shown)
        for one in run['figures']:
            label = one['key'] if name != 'duet-1' else one['label'][0].upper() + one['label'][1:]
            assert named[label] == 1, (name, label)
            text, value = dict(shown)[label], values[one['key']]
            if value is None:
                assert text.startswith('n/a') and len(text) > 6, (label, text)
            elif one['unit'] == 'time':
                assert text == _day_of_end(value), (label, text, value)
            else:
                _is(text, float(value), one['unit'])
        tiles = _texts('#tiles .value')
        assert len(tiles) == 8 and all(tiles), (name, tiles)


def tiles_and_costs_are_those_of_the_json():
    """Return, equity, growth, drawdown, Sharpe, volatility, trades won, costs; orders and fills."""
    page = _spy('out')
    result = _result('out')
    stats = result['stats']
    chromium().open(page)
    total, equity, cagr, drawdown, sharpe, volatility, won, costs = _texts('#tiles .value')
    for text, key in ((total, 'total_return'), (cagr, 'cagr'), (drawdown, 'max_drawdown'), (volatility, 'volatility'),
                      (won, 'win_rate')):
        _is(text, stats[key], 'fraction')
    _is(sharpe, stats['sharpe'])
    _is(equity.replace(' USD', ''), float(result['final_equity']))
    _is(costs.replace(' USD', ''), float(result['costs']['commission']) + float(result['costs']['slippage']))
    paid = dict(chromium().run('''[...document.querySelectorAll('#costs dl > div')].map((row) =>
        [row.querySelector('dt').textContent, row.querySelector('dd').textContent])'''))
    assert paid['Commission'].startswith('5 bps; ') and paid['Slippage'].startswith('2 bps; '), paid
    _is(paid['Commission'].split('; ')[1].split(' ')[0], float(result['costs']['commission']))
    _is(paid['Realised result'], float(result['realized_pnl']))
    assert paid['Orders'] == str(result['orders']) and paid['Fills'] == str(result['fills']), paid
    assert paid['Open: SPY'] == '100 at 246.090, now 258.090', paid


def curves_drawdowns_and_months_follow_from_equity_csv():
    """Reckoned anew from the file's equity at every instant: peaks, depths, month and year ends."""
    page = _spy('out')
    run = run_of(page)
    equity = [(row['time'], float(row['equity'])) for row in rows('out/equity.csv')]
    assert run['points']['instants'] == 1 and len(run['points']['time']) == len(equity)
    peak = first_peak = 100000.0
    deepest, valley, valleys = 0, None, []
    for (time, value), shown, depth in zip(equity, run['points']['equity'], run['points']['drawdown'], strict=True):
        if value >= peak:
            if valley:
                valleys.append(valley)
            peak, valley = value, None
        elif valley is None or 1 - value / peak > valley:
            valley = 1 - value / peak
        deepest = max(deepest, 1 - value / peak)
        assert abs(shown - value) < 0.0051 and abs(depth - (1 - value / peak)) < 1e-9, time
    valleys = sorted(valleys + [valley] * (valley is not None), reverse=True)[:10]
    chromium().open(page)
    table = chromium().run('''[...document.querySelectorAll('#drawdowns tbody tr')].map((row) =>
        [...row.cells].map((cell) => cell.textContent))''')
    assert len(table) == 10
    for row, depth in zip(table, valleys, strict=True):
        _is(row[1], -depth, 'fraction')
    for row, told in zip(table, _result('out')['drawdowns'], strict=True):
        assert row[2:4] == [_day_of_end(told['from']), _day_of_end(told['trough'])], row
        assert row[4] == (_day_of_end(told['recovered']) if told['recovered'] else 'not yet'), row
        _is(row[5], told['length_s'], 'seconds')
    ends = collections.OrderedDict()
    for time, value in equity:
        ends[_day_of_end(time)[:7]] = value
    before, months, years = first_peak, {}, {}
    for month, value in ends.items():
        months[month] = value / before - 1
        years[month[:4]] = (1 + years.get(month[:4], 0)) * (value / before) - 1
        before = value
    heat = chromium().run('''[...document.querySelectorAll('.heat tbody tr')].map((row) =>
        [...row.cells].map((cell) => cell.textContent))''')
    assert [row[0] for row in heat] == sorted(years)
    for row in heat:
        for month, text in enumerate(row[1:13], 1):
            key = '%s-%02d' % (row[0], month)
            assert (text == '') == (key not in months), (key, text)
            if text:
                _is(text, months[key] * 100)
        _is(row[13], years[row[0]] * 100)


def _short_and_long():
    for seed, name in enumerate(('a', 'b')):
        bars(name + '.csv', '--interval', '1h', '--bars', 3000, '--seed', seed + 1, '--volatility', '0.004')
    return report('out', '--strategy', 'mean_reversion', '--param', 'shorts=true', '--param', 'weight=0.4', '--data',
                  'A=a.csv', '--data', 'B=b.csv', '--commission', '3bps')


def _listed():
    """The rows of the list on all its pages."""
    read = '''[...document.querySelectorAll('#trade-list tbody tr')].map((row) =>
        [...row.cells].map((cell) => cell.textContent))'''
    found = []
    chromium().run('document.querySelector("[aria-label=\'First page\']").click()')
    while True:
        found += chromium().run(read)
        if chromium().run('document.querySelector("[aria-label=\'Next page\']").disabled'):
            return found
        chromium().run('document.querySelector("[aria-label=\'Next page\']").click()')


def _held(trade):
    return datetime.datetime.fromisoformat(trade['exit_time']) - datetime.datetime.fromisoformat(trade['entry_time'])


def the_trade_list_is_trades_csv():
    """All rows on all pages, every column, longs and shorts of two instruments; and the sums of each."""
    page = _short_and_long()
    chromium().open(page)
    trades = rows('out/trades.csv')
    assert {(t['symbol'], t['side']) for t in trades} == {(s, d) for s in 'AB' for d in ('LONG', 'SHORT')}
    for row, trade in zip(_listed(), trades, strict=True):
        assert row[:3] == [trade['trade_id'], trade['symbol'], trade['side'].capitalize()], row
        _is(row[3], float(trade['quantity']))
        assert row[4].replace('\u00a0', ' ') == trade['entry_time'][:16], row
        assert row[6].replace('\u00a0', ' ') == trade['exit_time'][:16], row
        for cell, key, unit in ((5, 'entry_price', ''), (7, 'exit_price', ''), (9, 'commission', ''), (10, 'net', ''),
                                (11, 'return', 'fraction')):
            _is(row[cell], float(trade[key]), unit)
        _is(row[8], _held(trade).total_seconds(), 'seconds')
        assert row[12] == trade['entry_reason'] + ' → ' + trade['exit_reason'], row
    sums = chromium().run('''[...document.querySelectorAll('#by-instrument tbody tr')].map((row) =>
        [...row.cells].map((cell) => cell.textContent))''')
    for row, symbol in zip(sums, 'AB', strict=True):
        own = [t for t in trades if t['symbol'] == symbol]
        longs = [t for t in own if t['side'] == 'LONG']
        assert row[:2] == [symbol, str(len(own))] and row[3] == str(len(longs)), row
        _is(row[2], sum(float(t['net']) > 0 for t in own) / len(own), 'fraction')
        _is(row[4], sum(float(t['net']) for t in longs))
        _is(row[6], sum(float(t['net']) for t in own))


def the_trade_list_sorts_by_what_its_cells_mean():
    """Numbers by size with their signs, times by time, words by letters; equal ones by number; both ways."""
    page = _short_and_long()
    chromium().open(page)
    trades = rows('out/trades.csv')
    keys = {'Symbol': lambda t: t['symbol'], 'Side': lambda t: t['side'] == 'LONG',
            'Quantity': lambda t: float(t['quantity']), 'Entry': lambda t: t['entry_time'],
            'Entry price': lambda t: float(t['entry_price']), 'Exit': lambda t: t['exit_time'],
            'Exit price': lambda t: float(t['exit_price']), 'Held': _held,
            'Costs': lambda t: float(t['commission']), 'Net': lambda t: float(t['net']),
            'Return': lambda t: round(float(t['return']), 9), '#': lambda t: int(t['trade_id'])}
    assert min(float(t['net']) for t in trades) < 0 < max(float(t['net']) for t in trades)
    for name, key in keys.items():
        button = 'document.querySelector("[aria-label=\'Sort by %s\']").click()' % name
        for down in (False, True):
            chromium().run(button)
            # Stable in Python too: reversed order of keys, but equal ones stay in the order of their numbers.
            wanted = [t['trade_id'] for t in sorted(trades, key=key, reverse=down)]
            assert [row[0] for row in _listed()] == wanted, (name, down)


def small_figures_keep_their_digits():
    """An account of a hundred million that trades a hundred units: nothing that is not zero reads as 0.00."""
    bars('m.csv', '--interval', '1h', '--bars', 9000)
    page = report('out', '--strategy', 'sma_cross', '--data', 'M=m.csv', '--cash', '100000000')
    stats, run = _result('out')['stats'], run_of(page)
    assert 0 < stats['volatility'] < 0.00005 and len(run['years']) == 2
    chromium().open(page)
    coloured = '#tiles .value.good, #tiles .value.bad, #drawdowns .bad, .heat [class*=good], .heat [class*=bad]'
    for text in _texts(coloured):
        assert re.search('[1-9]', text), text
    depths = [one['depth'] for one in _result('out')['drawdowns']]
    for text, depth in zip(_texts('#drawdowns td.bad'), depths, strict=True):
        _is(text, -depth, 'fraction')
    labels = _texts('#distribution text')
    assert len(set(labels)) == len(labels) and len(labels) > 2, labels


def prices_and_quantities_of_eight_places_are_written_out():
    """A coin at 0.0000123, by the week: nothing in powers of ten, nothing rounded away."""
    lines, price = ['date,open,high,low,close,volume'], 1230
    day = datetime.date(2020, 1, 6)
    for i in range(160):
        last, price = price, price + (i * 37 % 41 - 19)
        cells = (last, max(last, price) + 3, min(last, price) - 3, price)
        lines.append('%s,%s,5' % (day, ','.join('%.8f' % (cell / 1e8) for cell in cells)))
        day += datetime.timedelta(7)
    write('coin.csv', '\n'.join(lines) + '\n')
    page = report('out', '--strategy', 'sma_cross', '--param', 'fast=3', '--param', 'slow=8', '--param',
                  'size=0.0000001', '--data', 'COIN=coin.csv,quantity_decimals=8')
    chromium().open(page)
    trades = rows('out/trades.csv')
    assert len(trades) > 3
    for row, trade in zip(chromium().run('''[...document.querySelectorAll('#trade-list tbody tr')].map((row) =>
            [...row.cells].map((cell) => cell.textContent))'''), trades):
        assert [row[2], row[4], row[6]] == [trade['quantity'], '%.8f' % float(trade['entry_price']),
                                            '%.8f' % float(trade['exit_price'])], (row, trade)


if __name__ == '__main__':
    main(globals())
