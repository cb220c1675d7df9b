"""`duet indicators` as a user runs it: the list, the descriptions, values over a file, and the reference page."""
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
