"""The bundled strategies decide on real prices what a second program, written here in Python, decides."""
import math
import os
import re
import shutil
import subprocess
from cli import DUET, backtest, duet, main, rows, shared, write

DAILY = ('spy', 'aapl', 'xle', 'tlt', 'gld', 'iwm')


def _path(symbol):
    return shared('data', 'daily', 'kaggle_us', symbol + '.us.txt')


def _bars(symbol):
    """(label, open, high, low, close), as numbers."""
    return [(r['Date'],) + tuple(float(r[k]) for k in ('Open', 'High', 'Low', 'Close'))
            for r in rows(_path(symbol)) if r['Date']]


def _run(strategy, symbols, *params):
    """What it sent: (label of the bar after which, symbol, side), and the result."""
    arguments = []
    for param in params:
        arguments += ['--param', param]
    for symbol in symbols:
        arguments += ['--data', '%s=%s,tz=UTC' % (symbol, _path(symbol))]
    run = backtest('--strategy', strategy, *arguments, '--decisions', '--tz', 'UTC')
    result = run.json()
    assert result['denied'] == {}, (strategy, result['denied'])
    sent = [(d['time'][:10], d['symbol'], d['side'], d['reason'], float(d['quantity']))
            for d in result['decisions'] if d['action'] == 'SUBMIT']
    return sent, result


def _days(symbol):
    """What a decision after bar i is dated: the midnight that ends it, but never after the next label."""
    bars = _bars(symbol)
    following = {}
    for i, bar in enumerate(bars):
        day = _next_day(bar[0])
        following[bar[0]] = min(day, bars[i + 1][0]) if i + 1 < len(bars) else day
    return following


def _next_day(label):
    import datetime
    return str(datetime.date.fromisoformat(label) + datetime.timedelta(days=1))


def _mean(values):
    return math.fsum(values) / len(values)


def _deviation(values):
    mean = _mean(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values))


def _expected(symbol, side_of, state=None):
    """Dates and sides that a machine of sides takes: side_of(i, bars, side, state) -> next side."""
    bars, dates = _bars(symbol), _days(symbol)
    side, out = 0, []
    for i in range(len(bars)):
        new = side_of(i, bars, side, state)
        if new is not None and new != side:
            if side:
                out.append((dates[bars[i][0]], 'SELL' if side > 0 else 'BUY'))
            if new and not side:
                out.append((dates[bars[i][0]], 'BUY' if new > 0 else 'SELL'))
            side = new
    return out


def _compare(strategy, symbol, params, side_of, state=None):
    sent, result = _run(strategy, [symbol], *params)
    got = [(day, side) for day, _, side, reason, _ in sent if reason != 'protect']
    expected = _expected(symbol, side_of, state)
    assert len(expected) > 10, (strategy, len(expected))
    assert got == expected, (strategy, symbol, next((a, b) for a, b in zip(got + [None], expected + [None]) if a != b))
    assert result['final_equity'] != result['initial_cash']


def mean_reversion_buys_below_the_band():
    """Population deviations of twenty closes, twice, both ways round."""
    def decide(i, bars, side, shorts):
        if i < 19:
            return None
        closes = [b[4] for b in bars[i - 19:i + 1]]
        mean, width, close = _mean(closes), 2 * _deviation(closes), closes[-1]
        if side and not (close >= mean if side > 0 else close <= mean):
            return side
        return 1 if close < mean - width else -1 if shorts and close > mean + width else 0

    for symbol in DAILY[:3]:
        _compare('mean_reversion', symbol, (), decide, False)


def rsi_reversal_buys_on_the_way_up():
    """Wilder's averages, seeded with the mean of the first fourteen changes."""
    def decide(i, bars, side, state):
        if i == 0:
            state.clear()
            state.update(up=[], down=[], last=None, held=0)
            return None
        change = bars[i][4] - bars[i - 1][4]
        rise, fall = max(change, 0.0), max(-change, 0.0)
        if i <= 14:
            state['up'].append(rise)
            state['down'].append(fall)
            if i < 14:
                return None
            state['u'], state['d'] = _mean(state['up']), _mean(state['down'])
        else:
            state['u'] = (state['u'] * 13 + rise) / 14
            state['d'] = (state['d'] * 13 + fall) / 14
        last, rsi = state['last'], 100 * state['u'] / (state['u'] + state['d'])
        state['last'] = rsi
        if i < 140:
            return None  # ten windows and a bar of warm-up
        if side:
            state['held'] += 1
            return 0 if rsi >= 55 or state['held'] >= 20 else side
        state['held'] = 0
        return 1 if last < 30 <= rsi else 0

    for symbol in DAILY[:3]:
        _compare('rsi_reversal', symbol, ('stop_fraction=0',), decide, {})


def donchian_breakout_buys_new_highs():
    """Channels of the twenty and ten bars before; Wilder's true range behind the stop; sizes by it."""
    sizes = {}

    def decide(i, bars, side, state):
        _, _, high, low, close = bars[i]
        true_range = high - low if i == 0 else max(high, bars[i - 1][4]) - min(low, bars[i - 1][4])
        if i == 0:
            state.clear()
            state['ranges'] = []
        if i < 20:
            state['ranges'].append(true_range)
            state['atr'] = _mean(state['ranges'])
        else:
            state['atr'] = (state['atr'] * 19 + true_range) / 20
        if i < 199:
            return None
        upper, lower = max(b[2] for b in bars[i - 20:i]), min(b[3] for b in bars[i - 10:i])
        if side:
            return 0 if close < lower or close < state['stop'] else side
        if close > upper:
            state['stop'] = close - 2 * state['atr']
            return 1
        return 0

    for symbol in DAILY[:3]:
        _compare('donchian_breakout', symbol, (), decide, {})
    sent, result = _run('donchian_breakout', ['spy'])
    first = next(s for s in sent if s[2] == 'BUY')
    bars = _bars('spy')
    label = next(label for label, day in _days('spy').items() if day == first[0])
    sizes['close'] = next(b[4] for b in bars if b[0] == label)
    # One per cent of 100,000 behind two ranges, and no more than 90 per cent in it.
    assert 0 < first[4] <= 0.9 * 100000 / sizes['close'], (first, sizes)


def macd_trend_is_long_above_its_average():
    """Averages seeded with the mean of their first window; close above that of two hundred."""
    def averages(values, length):
        out, factor = [None] * (length - 1), 2.0 / (length + 1)
        out.append(_mean(values[:length]))
        for value in values[length:]:
            out.append(out[-1] + factor * (value - out[-1]))
        return out

    def decide(i, bars, side, state):
        if i == 0:
            closes = [b[4] for b in bars]
            fast, slow = averages(closes, 12), averages(closes, 26)
            line = [f - s for f, s in zip(fast[25:], slow[25:])]
            signal = averages(line, 9)
            state['histogram'] = [None] * 25 + [None if s is None else m - s for m, s in zip(line, signal)]
            state['closes'] = closes
        if i < 268:
            return None  # ten slow windows and a signal of warm-up
        average = _mean(state['closes'][i - 199:i + 1])
        return 1 if state['histogram'][i] > 0 and state['closes'][i] > average else 0

    for symbol in DAILY[:3]:
        _compare('macd_trend', symbol, ('stop_fraction=0',), decide, {})


def pairs_sells_the_dear_one_and_buys_the_cheap_one():
    """The ratio of two index funds on the days that both have; both legs on the same day, one against the other."""
    a, b = 'iwm', 'spy'
    second = {bar[0]: bar[4] for bar in _bars(b)}
    ratios, side, barred, expected = [], 0, False, []
    dates = _days(a)
    for label, _, _, _, close in _bars(a):
        if label not in second:
            continue
        ratios.append(close / second[label])
        if len(ratios) < 60:
            continue
        window = ratios[-60:]
        score = (window[-1] - _mean(window)) / _deviation(window)
        distance = abs(score)
        barred = barred and distance > 0.5
        if side:
            barred = barred or distance >= 4
            new = 0 if distance <= 0.5 or distance >= 4 else side
        else:
            new = 0 if barred or distance < 2 or distance >= 4 else -1 if score > 0 else 1
        if new != side:
            sign = new - side
            expected += [(dates[label], a, 'BUY' if sign > 0 else 'SELL'),
                         (dates[label], b, 'SELL' if sign > 0 else 'BUY')]
            side = new
    sent, _ = _run('pairs', [a, b])
    assert len(expected) > 20
    assert [s[:3] for s in sent] == expected, next(x for x in zip(sent, expected) if x[0][:3] != x[1])


def rotation_holds_the_strongest_from_month_to_month():
    """Six funds, the two best of 126 bars, at the first close of each month; orders name them, sales first."""
    closes = {s: [(b[0], b[4]) for b in _bars(s)] for s in DAILY}
    labels = sorted({label for s in DAILY for label, _ in closes[s]})
    seen = {s: [] for s in DAILY}
    position = {s: 0 for s in DAILY}
    held, month, expected = set(), None, []
    for label in labels:
        for s in DAILY:
            if position[s] < len(closes[s]) and closes[s][position[s]][0] == label:
                seen[s].append(closes[s][position[s]][1])
                position[s] += 1
        if month is None and any(0 < len(seen[s]) < 127 for s in DAILY) or label[:7] == month:
            continue  # cold; once warm it stays so, and who comes later is not ranked before it has its bars
        ranks, month = month is not None, label[:7]
        if not ranks:
            continue
        scores = {s: seen[s][-1] / seen[s][-127] - 1 for s in DAILY if len(seen[s]) >= 127}
        best = set(sorted((s for s in scores if scores[s] > 0), key=lambda s: (-scores[s], s))[:2])
        expected.append((label, sorted(held - best), sorted(best - held)))
        held = best
    sent, result = _run('rotation', DAILY, 'lookback=126', 'hold=2')
    dates = {}
    for s in DAILY:
        dates.update(_days(s))
    by_day = {}
    for day, symbol, side, reason, _ in sent:
        by_day.setdefault(day, []).append((symbol, side, reason))
    changed = [(label, out, into) for label, out, into in expected if out or into]
    assert len(changed) > 20
    for label, out, into in changed:
        orders = by_day[dates[label]]
        left = sorted(symbol for symbol, side, reason in orders if reason == 'left the best' and side == 'SELL')
        bought = {symbol for symbol, side, reason in orders if reason == 'among the best' and side == 'BUY'}
        assert left == out and set(into) <= bought, (label, orders, out, into)
    assert set(by_day) <= {dates[label] for label, _, _ in expected}


def the_page_of_strategies_has_them_all():
    """docs/strategies.md: a section for each; what it calls a parameter of one is one."""
    page = open(os.path.join(os.environ['DUET_SOURCE_ROOT'], 'docs', 'strategies.md')).read()
    names = [line.split()[0] for line in duet('strategies').out.split('\n') if line[:1].isalpha()]
    sections = page.split('\n## ')[1:]
    assert [section.split('\n')[0] for section in sections] == sorted(names)
    for section in sections:
        name, text = section.split('\n', 1)
        told = duet('strategies', name).out
        for word in re.findall(r'`([a-z_]+)(?:=true)?`', text):
            assert '  %s ' % word in told, (name, word)


def half_a_pair_is_not_held():
    """One unit of B is more than its share of the account: no order for it, and that for A is called back."""
    for seed, name, factor in ((1, 'a.csv', 1), (2, 'b.csv', 1000)):
        run = duet('data', 'synth', '--interval', '1d', '--bars', 600, '--seed', seed, '--volatility', '0.01', name)
        assert run.code == 0, run
        told = rows(name)
        write(name, 'time,open,high,low,close,volume\n' + ''.join(
            ','.join([r['time']] + ['%.2f' % (float(r[k]) * factor) for k in ('open', 'high', 'low', 'close')] +
                     [r['volume']]) + '\n' for r in told))
    result = backtest('--strategy', 'pairs', '--data', 'A=a.csv', '--data', 'B=b.csv', '--orders', 'o.csv').json()
    orders = rows('o.csv')
    assert result['fills'] == 0 and result['denied']['BELOW_LOT'] == len(orders) > 5, (result['fills'], len(orders))
    assert {(r['symbol'], r['status'], r['reason_code']) for r in orders} == {('A', 'CANCELLED', 'USER')}, orders


def a_month_begins_with_its_first_day_in_any_zone():
    """Daily bars of New York close in the small hours of the next day in UTC, those of Tokyo on the day itself."""
    for seed, name in ((1, 'a.csv'), (2, 'b.csv')):
        run = duet('data', 'synth', '--interval', '1d', '--bars', 300, '--seed', seed, '--volatility', '0.01',
                   '--start', '2015-01-01', name)
        assert run.code == 0, run
    for zone, close in (('America/New_York', '2015-05-02 04:00'), ('UTC', '2015-05-02 00:00'),
                        ('Asia/Tokyo', '2015-05-01 15:00'), ('Pacific/Auckland', '2015-05-01 12:00')):
        result = backtest('--strategy', 'rotation', '--param', 'hold=1', '--param', 'lookback=100', '--param',
                          'falling=true', '--data', 'A=a.csv', '--data', 'B=b.csv', '--tz', zone, '--orders', 'o.csv')
        assert result.code == 0, result
        assert rows('o.csv')[0]['created'][:16] == close, (zone, rows('o.csv')[0])


def a_fund_that_ended_early_does_not_keep_the_others_out():
    """One of forty days, delisted before it had a ranking's worth of history: the others are traded all the same."""
    for seed in (1, 2, 3):
        run = duet('data', 'synth', '--interval', '1d', '--bars', 700, '--seed', seed, '--volatility', '0.01',
                   '--start', '2015-01-01', '%d.csv' % seed)
        assert run.code == 0, run
    lines = open('3.csv').read().split('\n')
    write('gone.csv', '\n'.join(lines[:41]) + '\n')
    arguments = ['--strategy', 'rotation', '--param', 'hold=1', '--param', 'lookback=60', '--data', 'A=1.csv', '--data',
                 'B=2.csv']
    alone = backtest(*arguments, '--orders', 'a.csv').json()
    both = backtest(*arguments, '--data', 'C=gone.csv', '--orders', 'b.csv').json()
    assert alone['orders'] > 10 and abs(both['orders'] - alone['orders']) <= 4, (alone['orders'], both['orders'])
    # C ended after 40 days, A had 61 bars since then after 101: May's first bar ranks first, at its close.
    assert rows('b.csv')[0]['created'][:10] == '2015-05-02', rows('b.csv')[0]
    for what in ('lookahead', 'warmup'):
        run = duet('check', what, *arguments, '--data', 'C=gone.csv')
        assert run.code == 0, run


def none_of_them_looks_ahead_or_is_cold():
    """duet check lookahead and warmup over real prices."""
    for name, symbols in (('mean_reversion', ['spy']), ('rsi_reversal', ['spy']), ('donchian_breakout', ['spy']),
                          ('macd_trend', ['spy']), ('pairs', ['iwm', 'spy']), ('rotation', DAILY)):
        data = []
        for symbol in symbols:
            data += ['--data', '%s=%s,tz=UTC' % (symbol, _path(symbol))]
        for what in ('lookahead', 'warmup'):
            run = duet('check', what, '--strategy', name, *data, '--tz', 'UTC')
            assert run.code == 0, (name, what, run)


def a_new_strategy_builds_runs_and_passes_its_own_test():
    """duet new strategy, make test, make run: as a user does, in a folder with a blank, with each compiler."""
    os.mkdir('my work')
    os.chdir('my work')
    run = duet('new', 'strategy', 'first_try')
    assert run.code == 0 and 'make test' in run.out, run
    assert sorted(os.listdir('first_try')) == ['Makefile', 'README.md', 'first_try.c', 'test.sh']
    env = dict(os.environ, XDG_CACHE_HOME=os.path.abspath('.cache-home'))
    os.symlink(os.path.abspath(DUET), 'the duet')

    def make(*arguments):
        done = subprocess.run(['make', '-C', 'first_try', 'DUET=' + os.path.abspath('the duet')] + list(arguments),
                              env=env, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    for compiler in ('gcc', 'clang'):
        if shutil.which(compiler):
            code, said = make('-B', 'CC=' + compiler, 'CFLAGS=-O3 -Wall -Wextra -Werror')
            assert code == 0, said
    code, said = make('test')
    assert code == 0 and said.count('ok       ') == 2 and said.count('nothing found') == 2, said
    for data, file in (('SAMPLE=sample.csv', None), ('OWN=my own.csv', 'first_try/my own.csv')):
        if file is not None:
            os.rename('first_try/sample.csv', file)
        code, said = make('run', 'DATA=' + data, 'OPTIONS=--commission 0.1% --param fast_bars=20')
        assert code == 0 and os.path.exists('first_try/report/result.json'), said
    code, said = make('run')
    assert code == 0 and os.path.exists('first_try/sample.csv'), said

    source = open('first_try/first_try.c').read()
    write('first_try/first_try.c', source.replace('return duet_warm_up(ctx, self->slow_bars)', 'return DUET_OK'))
    code, said = make('test')
    assert code != 0 and 'FAILED   it is warm' in said, said
    again = duet('new', 'strategy', 'first_try')
    assert again.code == 1 and 'there already' in again.err, again
    for bad in ('First', '1st', 'a-b', '../x', '', 'x' * 40, 'int', 'struct'):
        run = duet('new', 'strategy', bad)
        assert run.code == 2 and 'is no name' in run.err, run
    assert sorted(name for name in os.listdir('.') if name[0] != '.') == ['first_try', 'the duet']


if __name__ == '__main__':
    main(globals())
