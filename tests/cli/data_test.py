"""`duet data import` and `export`, patterns, and many files at once."""
import os
from cli import backtest, duet, main, rows, shared, write


def _synth(path, bars, seed, *more):
    run = duet('data', 'synth', '--bars', bars, '--seed', seed, *more, path)
    assert run.code == 0, run
    return path


def _lines(path):
    with open(path) as f:
        return f.read().split('\n')


def what_is_exported_reads_back_as_the_same_series():
    """Rows, labels and the hash of a run over them; minutes, days of New York, ragged prices, descending files."""
    _synth('m.csv', 500, 1)
    _synth('d.csv', 300, 2, '--interval', '1d')
    _synth('r.csv', 500, 3, '--ragged')
    header, *body = [line for line in _lines('m.csv') if line]
    write('down.csv', '\n'.join([header] + body[::-1]) + '\n')
    for path, options in (('m.csv', ''), ('d.csv', ',tz=America/New_York'), ('r.csv', ',tz=Asia/Tokyo'),
                          ('down.csv', '')):
        run = duet('data', 'export', 'X=' + path + options, '--out', 'out.csv')
        assert run.code == 0 and run.out == '', run
        back = options if path == 'd.csv' else ',tz=UTC'  # dates stay in their zone, times become UTC
        results = [backtest('--strategy', 'sma_cross', '--param', 'fast=3', '--param', 'slow=9', '--data', 'X=' + file,
                            '--tz', 'UTC').json()
                   for file in (path + (options or ',tz=UTC'), 'out.csv' + back)]
        keys = ('event_hash', 'decision_hash', 'final_equity', 'bars', 'fills')
        assert [results[0][k] for k in keys] == [results[1][k] for k in keys], (path, results)
        assert results[0]['fills'] > 0


def an_export_can_be_a_part():
    """--from counts, a date at --to is included; times are UTC."""
    _synth('m.csv', 3000, 1)
    run = duet('data', 'export', 'm.csv', '--from', '2020-01-02', '--to', '2020-01-02')
    assert run.code == 0, run
    lines = run.out.strip().split('\n')
    assert lines[0] == 'time,open,high,low,close,volume' and len(lines) == 1 + 1440
    assert lines[1].startswith('2020-01-02T00:00:00Z,') and lines[-1].startswith('2020-01-02T23:59:00Z,')
    original = rows('m.csv')[1440]
    assert [float(x) for x in lines[1].split(',')[1:]] == [float(original[k]) for k in ('open', 'high', 'low', 'close',
                                                                                      'volume')]


def an_export_that_fails_leaves_nothing():
    """A folder that is missing, a file that is refused."""
    _synth('m.csv', 10, 1)
    assert duet('data', 'export', 'm.csv', '--out', 'none/out.csv').code != 0
    write('bad.csv', 'time,open,high,low,close,volume\n2020-01-01 00:00,1,1,1,oops,1\n')
    assert duet('data', 'export', 'bad.csv', '--out', 'out.csv').code == 3
    assert not os.path.exists('out.csv') and not [name for name in os.listdir('.') if '.tmp' in name]


def import_reads_once_and_tells_what_it_refused():
    """The second time everything is current; one refused file does not stop the others."""
    for i in range(5):
        _synth('s%d.csv' % i, 200 + i, i + 1)
    write('bad.csv', 'time,open,high,low,close,volume\n2020-01-01 00:00,1,1,1,oops,1\n')
    run = duet('data', 'import', 's*.csv')
    assert run.code == 0 and run.out.count('read ') == 5 and '5 files, 1010 rows' in run.out, run
    found = duet('data', 'import', '--json', 's*.csv').json()
    assert [f['path'] for f in found['files']] == ['s%d.csv' % i for i in range(5)]
    assert all(f['was_current'] and f['cached'] for f in found['files']) and found['rows'] == 1010
    run = duet('data', 'import', 's0.csv', 'bad.csv', 's1.csv')
    assert run.code == 3 and 'bad.csv:2' in run.out and '2 files' in run.out, run


def patterns_stand_for_their_files():
    """Inspection lists each; in a run each is an instrument named after its file, in YAML too."""
    for i, name in enumerate(('bbb', 'aaa', 'ccc')):
        _synth(name + '.csv', 300, i + 1)
    found = duet('data', 'inspect', '--json', '*.csv').json()['files']
    assert [f['symbol'] for f in found] == ['aaa', 'bbb', 'ccc']
    result = backtest('--strategy', 'buy_and_hold', '--data', '*.csv').json()
    assert [d['symbol'] for d in result['data']] == ['aaa', 'bbb', 'ccc']
    write('run.yaml', 'strategy: buy_and_hold\ndata:\n  - {path: "*.csv", tz: UTC}\n')
    again = backtest('-c', 'run.yaml').json()
    assert [d['symbol'] for d in again['data']] == ['aaa', 'bbb', 'ccc']
    assert again['final_equity'] == result['final_equity']
    assert backtest('--strategy', 'buy_and_hold', '--data', 'none*.csv').code == 3
    run = backtest('--strategy', 'buy_and_hold', '--data', 'X=*.csv')
    assert run.code == 2 and '3 files match' in run.err, run
    assert duet('data', 'inspect', 'none*.csv').code == 3


def many_files_are_inspected_in_order():
    """All daily files of one vendor: the answer keeps the order of the command line and their rows."""
    folder = shared('data', 'daily', 'kaggle_us')
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    for _ in range(2):  # cold and warm
        found = duet('data', 'inspect', '--json', *paths).json()['files']
        assert [f['path'] for f in found] == paths
        for f in found:
            with open(f['path']) as file:
                assert f['rows'] == sum(1 for line in file if line.strip()) - 1, f


if __name__ == '__main__':
    main(globals())
