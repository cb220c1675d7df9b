"""`duet indicators` as a user runs it: the list, the descriptions, values over a file, and the reference page."""
import datetime
import math
import os
import shutil
import statistics
import subprocess
from cli import Skip, duet, main, write

SOURCE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
CLOSES = [10, 11, 13, 12, 15, 14, 18, 17, 16, 20]


def _bars(path, closes, first=1):
    lines = ['time,open,high,low,close,volume']
    lines += ['2024-01-%02d,%s,%s,%s,%s,100' % (first + i, c, c + 1, c - 1, c) for i, c in enumerate(closes)]
    return write(path, '\n'.join(lines) + '\n')


def _names():
    run = duet('indicators')
    assert run.code == 0, run
    return [line.split()[0] for line in run.out.splitlines() if line.startswith('  ')]


def _table(*args):
    run = duet('indicators', *args, '--csv')
    assert run.code == 0, run
    lines = [line.split(',') for line in run.out.splitlines()]
    return lines[0], lines[1:]


def the_list_has_every_group():
    """Names under the headings of their groups."""
    run = duet('indicators')
    for group in ('average', 'math', 'momentum', 'price', 'range', 'statistics', 'trend', 'volume'):
        assert '\n%s\n' % group in '\n' + run.out or group in ('momentum', 'trend', 'volume'), group
    assert len(_names()) == len(set(_names())) >= 60


def each_is_described():
    """Formula, inputs, outputs, warm-up, source, parameters and a line of C."""
    for name in _names():
        run = duet('indicators', name)
        assert run.code == 0, run
        for part in ('%s: ' % name, 'inputs: ', 'outputs: ', 'warm-up: ', 'source: ', 'parameters', '#include <duet/'):
            assert part in run.out, (part, run)


def the_lines_of_c_compile():
    """What a description shows can be pasted, the init function of that name is there."""
    compiler = shutil.which('gcc') or shutil.which('clang')
    if compiler is None:
        raise Skip('needs a C compiler')
    code = ['#include <duet/bar.h>', '#include <duet/indicator.h>']
    for name in _names():
        lines = duet('indicators', name).out.split('in C:\n', 1)[1].splitlines()
        code.append(lines[0].strip())
        body = ' '.join(line.split('//')[0] for line in lines[1:])
        code.append('double f_%s(const struct duet_bar *bar, const struct duet_bar *other);' % name)
        code.append('double f_%s(const struct duet_bar *bar, const struct duet_bar *other) {' % name)
        code.append(' (void)bar; (void)other; %s return value; }' % body)
    write('lines.c', '\n'.join(code) + '\n')
    done = subprocess.run([compiler, '-std=c11', '-fsyntax-only', '-Wall', '-Wno-maybe-uninitialized',
                           '-Wno-uninitialized', '-I' + os.path.join(SOURCE, 'include'), 'lines.c'],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:3000]


def values_over_a_file_are_right():
    """An SMA and Bollinger bands, by hand."""
    _bars('x.csv', CLOSES)
    head, rows = _table('sma', '--data', 'X=x.csv', '--param', 'length=3')
    assert head == ['time', 'value'] and len(rows) == len(CLOSES)
    assert rows[0] == ['2024-01-01 00:00:00', ''] and rows[1][1] == ''
    for i in range(2, len(CLOSES)):
        assert float(rows[i][1]) == sum(CLOSES[i - 2:i + 1]) / 3, rows[i]
    head, rows = _table('bollinger', '--data', 'X=x.csv', '--param', 'length=4', '--param', 'width=2', '--tail', '2')
    assert len(rows) == 2
    window = CLOSES[-4:]
    upper = statistics.mean(window) + 2 * statistics.pstdev(window)
    assert math.isclose(float(rows[1][head.index('upper')]), upper, rel_tol=1e-14)


def two_series_are_read_in_step():
    """Bars of the same opening; those that only one has are left out."""
    _bars('x.csv', CLOSES)
    _bars('y.csv', [2 * c for c in CLOSES[2:]], first=3)
    head, rows = _table('combine', '--data', 'X=x.csv', '--data', 'Y=y.csv', '--param', 'operation=3')
    assert [row[0][:10] for row in rows] == ['2024-01-%02d' % day for day in range(3, 11)]
    assert all(float(row[1]) == 0.5 for row in rows)


def nothing_is_wider_than_eighty_columns():
    """The list and every description."""
    for args in [()] + [(name,) for name in _names()]:
        for line in duet('indicators', *args).out.splitlines():
            assert len(line) <= 80, (args, line)


def breadth_goes_over_all_the_files():
    """Two of three rise with three quarters of the volume that moves; a bar that one lacks is left out for all."""
    _bars('x.csv', [10, 11, 12, 13])
    _bars('y.csv', [10, 12, 12, 11])
    _bars('z.csv', [10, 9, 12], first=1)
    data = [word for symbol in 'xyz' for word in ('--data', '%s=%s.csv' % (symbol.upper(), symbol))]
    head, rows = _table('breadth', *data)
    assert head == ['time', 'value', 'ratio', 'volume_ratio', 'arms', 'line']
    assert rows[0][1:] == [''] * 5 and len(rows) == 3, rows
    assert [float(cell) for cell in rows[1][1:]] == [1, 2, 2, 1, 1], rows
    assert [float(cell) for cell in rows[2][1:]] == [2, 2, 200, 0.01, 3], rows
    run = duet('indicators', 'breadth', '--data', 'X=x.csv')
    assert run.code == 2 and 'give --data for each' in run.err, run


def _walk(count):
    """Bars by days from 2023-01-01, the same each time: (open, high, low, close, volume)."""
    bars, close, seed = [], 100.0, 1
    for _ in range(count):
        draws = []
        for _ in range(4):
            seed = (seed * 1103515245 + 12345) % 2**31
            draws.append(seed / 2**31)
        opening, close = close, round(close + 4 * draws[0] - 2, 2)
        bars.append((opening, round(max(opening, close) + draws[1], 2), round(min(opening, close) - draws[2], 2),
                     close, int(1000 * draws[3])))
    return bars


def _columns(bars, *args):
    first = datetime.date(2023, 1, 1)
    lines = ['date,open,high,low,close,volume']
    lines += ['%s,%s,%s,%s,%s,%s' % ((first + datetime.timedelta(i),) + bar) for i, bar in enumerate(bars)]
    write('walk.csv', '\n'.join(lines) + '\n')
    head, rows = _table(args[0], '--data', 'X=walk.csv', *[word for arg in args[1:] for word in ('--param', arg)])
    return {name: [float(row[i]) if row[i] else None for row in rows] for i, name in enumerate(head) if i > 0}


def _agree(ours, wanted, what):
    assert len(ours) == len(wanted), what
    for i, (a, b) in enumerate(zip(ours, wanted)):
        assert (a is None) == (b is None) and (a is None or abs(a - b) <= 1e-9 * (1 + abs(b))), (what, i, a, b)


def rows_that_no_suite_covers_agree_with_their_formulas():
    """Plain loops over the definition: average_range, regression_channel, squeeze, downside, value_at_risk."""
    bars = _walk(120)
    closes = [bar[3] for bar in bars]
    ranges = [bar[1] - bar[2] for bar in bars]
    _agree(_columns(bars, 'average_range', 'length=7')['value'],
           [None if i < 6 else sum(ranges[i - 6:i + 1]) / 7 for i in range(120)], 'average_range')

    def ends(values, n):
        mean_x, mean_y = (n - 1) / 2, statistics.fmean(values)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / sum((x - mean_x)**2 for x in range(n))
        return mean_y + slope * (n - 1 - mean_x)
    upper = [None if i < 9 else ends(closes[i - 9:i + 1], 10) + 1.5 * statistics.pstdev(closes[i - 9:i + 1])
             for i in range(120)]
    _agree(_columns(bars, 'regression_channel', 'length=10', 'width=1.5')['upper'], upper, 'regression_channel')

    true = [ranges[0]] + [max(bars[i][1], closes[i - 1]) - min(bars[i][2], closes[i - 1]) for i in range(1, 120)]
    squeeze, middle = [], []
    for i in range(120):
        if i < 11:
            squeeze.append(None)
            middle.append(None)
            continue
        window = closes[i - 11:i + 1]
        squeeze.append(1 if 2 * statistics.pstdev(window) < 1.2 * sum(true[i - 11:i + 1]) / 12 else -1)
        span = (max(b[1] for b in bars[i - 11:i + 1]) + min(b[2] for b in bars[i - 11:i + 1])) / 2
        middle.append(closes[i] - (span + statistics.fmean(window)) / 2)
    momentum = [None if i < 22 else ends(middle[i - 11:i + 1], 12) for i in range(120)]
    columns = _columns(bars, 'squeeze', 'length=12', 'keltner_length=12', 'factor=1.2')
    assert set(squeeze) == {None, 1, -1}
    _agree(columns['value'], squeeze, 'squeeze')
    _agree(columns['momentum'], momentum, 'squeeze momentum')

    returns = [None] + [closes[i] / closes[i - 1] - 1 for i in range(1, 120)]
    short = [None if i < 15 else math.sqrt(sum(min(0, r - 0.001)**2 for r in returns[i - 14:i + 1]) / 15)
             for i in range(120)]
    _agree(_columns(bars, 'downside', 'length=15', 'target=0.001')['value'], short, 'downside')
    for confidence in (0.9, 0.95, 0.99, 0.9999999):
        z = statistics.NormalDist().inv_cdf(1 - confidence)
        risk = [None if i < 2 else statistics.fmean(returns[max(1, i - 19):i + 1]) +
                z * statistics.stdev(returns[max(1, i - 19):i + 1]) for i in range(120)]
        _agree(_columns(bars, 'value_at_risk', 'length=20', 'confidence=%s' % confidence)['value'], risk, confidence)


def candles_are_told_by_their_bodies():
    """The bounds belong to both; a bar that did not move is no marubozu."""
    rows = [(100, 101, 99, 100.1), (100, 101, 99, 100.11), (100, 100, 100, 100), (10, 20, 10, 19.5), (20, 20, 10, 10.6)]
    bars = [row + (1,) for row in rows]
    assert _columns(bars, 'doji')['value'] == [1, 0, 1, 0, 0]
    assert _columns(bars, 'marubozu')['value'] == [0, 0, 0, 1, 0]
    assert _columns(bars, 'marubozu', 'percent=94')['value'] == [0, 0, 0, 1, -1]


def pivot_points_follow_the_calendar():
    """Of the day, week, month and year before, by Python's calendar, over leap days and the turn of a year."""
    bars = _walk(800)
    first = datetime.date(2023, 1, 1)
    days = [first + datetime.timedelta(i) for i in range(800)]
    keys = {1: lambda day: day, 2: lambda day: day.isocalendar()[:2], 3: lambda day: (day.year, day.month),
            4: lambda day: day.year}
    for period, key in keys.items():
        wanted, groups = [], []
        for day, bar in zip(days, bars):
            if not groups or groups[-1][0] != key(day):
                groups.append((key(day), []))
            groups[-1][1].append(bar)
            last = groups[-2][1] if len(groups) > 1 else None
            wanted.append(last and (max(b[1] for b in last) + min(b[2] for b in last) + last[-1][3]) / 3)
        _agree(_columns(bars, 'pivot_points', 'period=%d' % period)['value'], wanted, period)


def new_highs_are_counted():
    """Against a search over the bars before."""
    bars = _walk(60)
    lines = ['date,open,high,low,close,volume']
    for i, bar in enumerate(bars):
        lines.append('%s,%s,%s,%s,%s,%s' % ((datetime.date(2023, 1, 1) + datetime.timedelta(i),) + bar))
    write('walk.csv', '\n'.join(lines) + '\n')
    head, rows = _table('new_highs', '--data', 'X=walk.csv', '--data', 'Y=walk.csv', '--param', 'length=5')
    for i, row in enumerate(rows):
        if i < 5:
            assert row[1] == '', row
            continue
        up = bars[i][1] > max(bar[1] for bar in bars[i - 5:i])
        down = bars[i][2] < min(bar[2] for bar in bars[i - 5:i])
        assert float(row[1]) == 2 * up - 2 * down and float(row[3]) == 2 * bars[i][4] * (up - down), (i, row)


def what_is_wrong_is_named():
    """Names with the nearest, parameters with their bounds, data with its line."""
    _bars('x.csv', CLOSES)
    write('bad.csv', 'time,open,high,low,close\n2024-01-01,1,2,0.5,1\n2024-01-02,1,2,0.5,abc\n')
    for args, code, said in (
            (('bolinger',), 2, 'did you mean "bollinger"'),
            (('sma', '--data', 'X=x.csv', '--param', 'lenght=3'), 2, 'did you mean "length"'),
            (('sma', '--data', 'X=x.csv', '--param', 'length=0'), 2, 'from 1 to 1024'),
            (('sma', '--data', 'X=x.csv', '--param', 'length=2.5'), 2, 'a whole number'),
            (('sma', '--data', 'X=x.csv', '--param', 'length'), 2, 'write length=NUMBER'),
            (('sma', '--data', 'X=x.csv', '--data', 'Y=x.csv'), 2, '--data once'),
            (('beta', '--data', 'X=x.csv'), 2, '--data twice'),
            (('sma', '--param', 'length=3'), 2, '--param needs --data'),
            (('--data', 'X=x.csv'), 2, 'name an indicator'),
            (('sma', '--tail', '0', '--data', 'X=x.csv'), 2, 'above 0'),
            (('sma', 'ema'), 2, 'one indicator at a time'),
            (('sma', '--data', 'X=bad.csv'), 3, 'bad.csv:3: column "close"')):
        run = duet('indicators', *args)
        assert run.code == code and said in run.err and run.err.count('\n') == 1, (args, run)


def the_page_is_what_the_tables_say():
    """docs/indicators.md; write it anew with: duet indicators --markdown > docs/indicators.md"""
    with open(os.path.join(SOURCE, 'docs', 'indicators.md'), encoding='utf-8') as f:
        assert f.read() == duet('indicators', '--markdown').out, 'duet indicators --markdown > docs/indicators.md'


if __name__ == '__main__':
    main(globals())
