"""Longer bars as a strategy is told them: against an aggregation of its own here, in order, marked, and never early.

The plugin `longer` logs every bar that it is told. The bars that a file has come from a run without aggregation.
"""
import os
import random
from collections import namedtuple
from decimal import Decimal
from cli import PLUGINS, Skip, backtest, duet, main, rows, shared, write

S = 10 ** 9
M = 60 * S
Bar = namedtuple('Bar', 'interval opens closes open high low close volume flags warm now')


def _plugin():
    path = os.path.join(PLUGINS, 'longer.so')
    if not os.path.exists(path):
        raise Skip('needs the test plugins')
    return path


def _told(data, *more, what='bar'):
    """What the plugin was told, in order."""
    run = duet('backtest', '--strategy', _plugin(), '--data', data, '--log', 'info', '--cache', 'off', *more)
    assert run.code == 0, run
    bars = []
    for line in run.err.split('\n'):
        if 'text=peek' in line:
            raise AssertionError(line)
        if 'text=%s ' % what in line:
            words = line.split('text=')[1].split()[1:]
            bars.append(Bar(*[int(w) if i < 3 or i > 7 else Decimal(w) for i, w in enumerate(words)]))
    return bars


def _synth(path, bars, seed, *more):
    run = duet('data', 'synth', '--bars', bars, '--seed', seed, *more, path)
    assert run.code == 0, run
    return path


def _sum(bars):
    return (bars[0].open, max(b.high for b in bars), min(b.low for b in bars), bars[-1].close,
            sum(b.volume for b in bars))


def _prices(bar):
    return (bar.open, bar.high, bar.low, bar.close, bar.volume)


def _close(a, b):
    """The log has 12 digits."""
    return all(abs(x - y) <= Decimal('1e-10') * max(abs(x), 1) for x, y in zip(a, b))


def _by_span(bars, length):
    groups = {}
    for bar in bars:
        groups.setdefault((bar.closes - 1) // length, []).append(bar)
    return sorted(groups.items())


FILES = ['minute/ninjatrader/nt-spy-minute-2011-03.csv', 'minute/fxcm/gbpusd-m1-ask-2012_february.csv',
         'minute/binance_klines/ADABTC-1m-2021-11-27.csv', 'minute/backtrader/2006-01-02-volume-min-001.txt']


def bars_of_time_equal_an_aggregation_written_down_twice():
    """Real minutes with gaps and nights, in UTC: 5 minutes, an hour, 4 hours, a day."""
    seen = 0
    for name in FILES:
        data = 'X=%s,tz=UTC' % shared('data', *name.split('/'))
        base = _told(data)
        for text, length in (('5m', 5 * M), ('1h', 60 * M), ('4h', 240 * M), ('1d', 1440 * M)):
            wanted = _by_span(base, length)
            got = _told('%s,bars=%s' % (data, text))
            whole = [g for g in wanted if g[0] * length + length <= base[-1].closes]
            assert len(got) == len(whole), (name, text, len(got), len(whole))
            for (span, group), bar in zip(whole, got):
                assert (bar.opens, bar.closes, bar.interval) == (span * length, (span + 1) * length, length), bar
                assert bar.now == bar.closes
                assert _close(_prices(bar), _sum(group)), (name, bar, _sum(group))
                first = bar is got[0] and group[0].opens > span * length
                assert bar.flags == (1 if first else 0), (name, bar)
            seen += len(got)
    assert seen > 5000, seen


def a_day_of_a_zone_has_23_or_25_hours():
    """Hours through both changes of the clocks of New York."""
    for day, hours in (('2024-03-10', 23), ('2024-11-03', 25)):
        lines, start = ['time,open,high,low,close,volume'], '%sT00:00:00' % day
        for i in range(-24, 48):
            lines.append('%d,%d,%d,%d,%d,1' % (_utc(start) + i * 3600, 100 + i, 101 + i, 99 + i, 100 + i))
        write('d.csv', '\n'.join(lines) + '\n')
        days = _told('X=d.csv,tz=America/New_York,bars=1d')
        assert hours in [(d.closes - d.opens) // (60 * M) for d in days], days
        assert [int(d.volume) for d in days if d.flags == 0] == [
            (d.closes - d.opens) // (60 * M) for d in days if d.flags == 0], days


def _text(seconds):
    import time
    return time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(seconds))


def _utc(text):
    import calendar
    import time
    return calendar.timegm(time.strptime(text, '%Y-%m-%dT%H:%M:%S'))


def shorter_ones_come_first_and_no_longer_one_comes_early():
    """Order at every instant; and no history shows a bar before its last shorter one was told (the plugin looks)."""
    _synth('x.csv', 3000, 3, '--ragged')
    told = _told('X=x.csv,bars=1m+5m', '--param', 'seconds=3600', '--param', 'ticks=7', '--param', 'days=1')
    assert {b.interval for b in told if b.interval > 0} == {M, 60 * M, 1440 * M}
    assert len({b.interval for b in told}) == 4
    for a, b in zip(told, told[1:]):
        assert a.now < b.now or (a.now == b.now and a.interval % 2 ** 64 < b.interval % 2 ** 64), (a, b)
    minutes = [b for b in told if b.interval == M]
    for bar in told:
        if bar.interval > M:
            inside = [m for m in minutes if bar.opens <= m.opens < bar.closes]
            assert told.index(bar) > told.index(inside[-1])
            assert _close(_prices(bar), _sum(inside)), bar


def a_longer_bar_closes_by_the_clock():
    """Minutes 3 and 4 are missing, so the five minutes close at an instant of their own; the order that follows meets
    the next opening."""
    lines = ['time,open,high,low,close,volume']
    for i in (0, 1, 2, 5, 6, 9, 10, 11):
        lines.append('2024-01-01 00:%02d:00,%d,%d,%d,%d,1' % (i, 100 + i, 102 + i, 99 + i, 101 + i))
    write('x.csv', '\n'.join(lines) + '\n')
    told = _told('X=x.csv,bars=5m')
    at = _utc('2024-01-01T00:00:00') * S
    assert [(b.now - at) // M for b in told] == [5, 10], told
    run = backtest('--strategy', _plugin(), '--param', 'trade=true', '--data', 'X=x.csv,bars=5m', '--fills', 'f.csv',
                   '--orders', 'o.csv')
    assert run.code == 0, run
    assert [(r['time'], r['price']) for r in rows('f.csv')] == [('2024-01-01 00:05:00', '105')], rows('f.csv')
    assert rows('o.csv')[0]['created'] == '2024-01-01 00:05:00'


def bars_that_are_not_of_whole_spans_are_marked_and_warm_nobody():
    """The first one, where the data begins inside of it, is told and marked; the last one waits for on_stop."""
    lines = ['time,open,high,low,close,volume']
    for i in range(3, 38):
        lines.append('2024-01-01 00:%02d:00,%d,%d,%d,%d,1' % (i, 100 + i, 102 + i, 99 + i, 101 + i))
    write('x.csv', '\n'.join(lines) + '\n')
    told = _told('X=x.csv,bars=10m', '--param', 'warm_up_bars=2')
    assert [(b.flags, b.warm) for b in told] == [(1, 0), (0, 0), (0, 1)], told
    last = _told('X=x.csv,bars=10m', what='last')
    assert [(b.flags, int(b.volume), b.open, b.close) for b in last] == [(1, 8, 130, 138)], last
    assert last[0].closes == told[-1].closes + 8 * M
    whole = _told('X=x.csv,bars=10m', '--to', '2024-01-01 00:30', what='last')
    assert [b.flags for b in whole] == [0], whole


def warm_up_comes_in_whole_bars_of_the_primary_series():
    """--from inside of an hour: three whole hours before it, and the one that it lies in is whole too."""
    _synth('x.csv', 1000, 5)
    told = _told('X=x.csv,bars=1h', '--from', '2020-01-01 06:20', '--param', 'warm_up_bars=3')
    hours = [(b.closes - _utc('2020-01-01T00:00:00') * S) // (60 * M) for b in told]
    assert hours[:5] == [4, 5, 6, 7, 8], hours
    assert [b.warm for b in told[:5]] == [0, 0, 0, 1, 1], told[:5]
    assert all(b.flags == 0 for b in told)
    result = backtest('--strategy', _plugin(), '--param', 'warm_up_bars=8', '--data', 'X=x.csv,bars=1h', '--from',
                      '2020-01-01 06:20').json()
    assert [w['count'] for w in result['warnings'] if w['code'] == 'short_warm_up'] == [2], result['warnings']


def _counted(base, enough):
    made, group = [], []
    for bar in base:
        group.append(bar)
        if enough(group):
            made.append((group[0].opens, bar.closes) + _sum(group))
            group = []
    return made


def bars_that_are_not_of_time_equal_an_aggregation_written_down_twice():
    """Ticks, volume and value of real minutes, from the first on, whatever --from says."""
    data = 'X=%s,tz=UTC' % shared('data', 'minute', 'ninjatrader', 'nt-spy-minute-2011-03.csv')
    base = _told(data)
    middle = base[len(base) // 2].opens // S
    for text, enough in (
            ('tick:10', lambda g: len(g) == 10),
            ('volume:5000000', lambda g: sum(b.volume for b in g) >= 5000000),
            ('value:1000000000.5', lambda g: sum(b.volume * b.close for b in g) >= Decimal('1000000000.5'))):
        wanted = _counted(base, enough)
        for more in ([], ['--from', _text(middle)]):
            got = _told('%s,bars=%s' % (data, text), *more)
            assert len(got) == len(wanted) > 50, (text, len(got), len(wanted))
            for bar, want in zip(got, wanted):
                assert (bar.opens, bar.closes) == want[:2] and _close(_prices(bar), want[2:]), (bar, want)


def bricks_equal_a_renko_written_down_twice():
    """Real minutes; edges on multiples, a turn takes two sizes, wicks against the direction only."""
    data = 'X=%s,tz=UTC' % shared('data', 'minute', 'fxcm', 'gbpusd-m1-ask-2012_february.csv')
    base, size = _told(data), Decimal('0.0005')
    units = int(base[0].close / size + Decimal('0.5'))
    edges, wanted, high, low = (units, units), [], None, None
    for bar in base:
        high = bar.high if high is None else max(high, bar.high)
        low = bar.low if low is None else min(low, bar.low)
        while True:
            top, bottom = max(edges), min(edges)
            if bar.close >= (top + 1) * size:
                edges = (top, top + 1)
                wanted.append((bar.closes, top * size, (top + 1) * size, min(low, top * size), (top + 1) * size))
            elif bar.close <= (bottom - 1) * size:
                edges = (bottom, bottom - 1)
                wanted.append((bar.closes, bottom * size, max(high, bottom * size), (bottom - 1) * size,
                               (bottom - 1) * size))
            else:
                break
            high = low = edges[1] * size
            if not (bar.close >= (max(edges) + 1) * size or bar.close <= (min(edges) - 1) * size):
                high, low = max(bar.close, high), min(bar.close, low)
    got = _told('%s,bars=renko:0.0005' % data)
    assert len(got) == len(wanted) > 300, (len(got), len(wanted))
    for i, (bar, want) in enumerate(zip(got, wanted)):
        have = (bar.closes, bar.open, bar.high, bar.low, bar.close)
        assert all(abs(Decimal(a) - Decimal(b)) < Decimal('1e-9') for a, b in zip(have, want)), (i, have, want)


def trades_make_bars_too():
    """Of a file of trades: minutes, hours, and every ten trades, against the same in decimals here."""
    path = shared('data', 'ticks', 'kraken', 'BCHEUR.csv')
    trades = []
    for line in open(path):
        when, price, quantity = line.strip().split(',')[:3]
        trades.append(Bar(0, int(when) * S, int(when) * S, *[Decimal(price)] * 4, Decimal(quantity), 0, 0, 0))
    trades.sort(key=lambda t: t.opens)
    for text, length in (('1m', M), ('1h', 60 * M)):
        spans = {}
        for trade in trades:
            spans.setdefault(trade.opens // length, []).append(trade)
        got = _told('X=%s,bars=%s' % (path, text))
        whole = [s for s in sorted(spans) if (s + 1) * length <= trades[-1].opens]
        assert [b.opens // length for b in got] == whole, text
        for bar in got:
            assert bar.now == bar.closes == bar.opens + length
            assert _close(_prices(bar), _sum(spans[bar.opens // length])), bar
    got, wanted = _told('X=%s,bars=tick:10' % path), _counted(trades, lambda g: len(g) == 10)
    assert len(got) == len(wanted) > 10
    for bar, want in zip(got, wanted):
        assert (bar.opens, bar.closes) == want[:2] and _close(_prices(bar), want[2:]), (bar, want)


def what_cannot_be_made_says_why():
    """One line, exit 2: shorter than the data, no multiple of it, finer than prices, or no bars at all."""
    _synth('x.csv', 100, 1, '--interval', '5m')
    for bars, part in (('1m', 'none shorter than 5m'), ('7m', 'whole ones of 5m'), ('renko:0.00001', 'decimals'),
                       ('5x', 'not an interval'), ('tock:5', 'names no bars'), ('15m+15m', 'twice'),
                       ('tick:0', 'whole number')):
        run = backtest('--strategy', _plugin(), '--data', 'X=x.csv,bars=' + bars)
        assert run.code == 2 and part in run.err and run.err.count('\n') == 1, run
    run = backtest('--strategy', _plugin(), '--param', 'seconds=60', '--data', 'X=x.csv')
    assert run.code == 2 and 'none shorter than 5m' in run.err, run
    run = backtest('--strategy', _plugin(), '--data', 'X=x.csv,bars=1h', '--data', 'X=x.csv,interval=10m,bars=1h')
    assert run.code == 2, run


def orders_meet_the_files_own_bars():
    """Decided on hours, filled at the next minute's open, from the file and from the YAML alike."""
    _synth('x.csv', 3000, 9)
    minutes = {r['time']: r['open'] for r in rows('x.csv')}
    arguments = ['--strategy', _plugin(), '--param', 'trade=true', '--param', 'loud=false', '--data', 'X=x.csv,bars=1h']
    first = backtest(*arguments, '--fills', 'f.csv')
    assert first.code == 0, first
    filled = rows('f.csv')
    assert len(filled) > 5
    for row in filled:
        assert row['time'].endswith(':00:00'), row
        assert Decimal(minutes[row['time']]) == Decimal(row['price']), row
    printed = duet('backtest', *arguments, '--print-config')
    assert printed.code == 0 and 'bars: 1h' in printed.out, printed
    write('run.yaml', printed.out)
    again = backtest('-c', 'run.yaml').json()
    assert again['event_hash'] == first.json()['event_hash']
    assert [a['text'] for a in again['assumptions'] if a['code'] == 'bars'] == [
        'X: the strategy gets bars of 1h, made of those of 1m; orders meet those of 1m'], again['assumptions']


def no_strategy_sees_a_longer_bar_before_its_time():
    """A run on the first k bars decides exactly as the full run up to there, whatever bars it decides on."""
    lines = open(_synth('x.csv', 900, 5, '--ragged')).read().split('\n')
    rng = random.Random(2)
    keys = ('created', 'side', 'type', 'quantity', 'price', 'order_id')

    def decisions(path, bars, more):
        run = backtest('--strategy', _plugin(), '--param', 'trade=true', '--param', 'loud=false', *more, '--data',
                       'X=%s%s' % (path, bars), '--orders', 'o.csv', '--cache', 'off')
        assert run.code == 0, run
        return sorted(([r[k] for k in keys] for r in rows('o.csv')), key=lambda r: int(r[-1]))

    for bars, more in ((',bars=5m', []), ('', ['--param', 'seconds=900']), (',bars=tick:7', []),
                       (',bars=renko:0.1', []), ('', ['--param', 'volume=20000000'])):
        full = decisions('x.csv', bars, more)
        assert len(full) > 10, (bars, more)
        for _ in range(8):
            k = rng.randrange(1, 900)
            write('part.csv', '\n'.join(lines[:k + 1]) + '\n')
            part = decisions('part.csv', bars, more)
            limit = lines[k + 1].split(',')[0] if k + 1 < len(lines) and lines[k + 1] else '9999'
            assert part == full[:len(part)], (bars, more, k)
            assert all(r[0] >= limit for r in full[len(part):]), (bars, more, k, full[len(part)], limit)


def a_convention_that_counts_bars_counts_from_where_the_strategy_is_warm():
    """Twenty whole bars of five minutes are a hundred minutes: holding begins with the close of the hundredth."""
    closes = [Decimal(r['close']) for r in rows(_synth('x.csv', 600, 4))]
    for bars, first in (('', 20), (',bars=5m', 100)):
        result = backtest('--strategy', 'trend', '--param', 'fast_bars=5', '--param', 'slow_bars=20', '--data',
                          'X=x.csv' + bars, '--statistics', 'backtesting').json()
        want = (closes[-1] / closes[first - 1] - 1) * 100
        got = result['stats']['Buy & Hold Return [%]']
        assert abs(Decimal(got) - want) < Decimal('1e-9'), (bars, got, want)


def the_unreadable_page_changes_nothing():
    """With --guard histories of longer bars end at a page that cannot be read, too."""
    _synth('x.csv', 2000, 7, '--ragged')
    for bars in ('5m+1h', 'renko:0.1', 'tick:3'):
        arguments = ['--strategy', _plugin(), '--param', 'seconds=1800', '--param', 'trade=true', '--data',
                     'X=x.csv,bars=' + bars]
        plain, guarded = backtest(*arguments).json(), backtest(*arguments, '--guard').json()
        assert plain['event_hash'] == guarded['event_hash']


def both_loops_and_every_repetition_make_the_same_bars():
    """One hash, with bars of four kinds."""
    _synth('x.csv', 2000, 8, '--ragged')
    arguments = ['--strategy', _plugin(), '--param', 'trade=true', '--param', 'renko=0.2', '--data',
                 'X=x.csv,bars=5m+1h']
    first = backtest(*arguments).json()
    for loop in ('sync', 'libevent'):
        again = backtest(*arguments, '--loop', loop).json()
        assert (again['event_hash'], again['decision_hash']) == (first['event_hash'], first['decision_hash'])


if __name__ == '__main__':
    main(globals())
