"""The same input gives the same bytes: over repetitions, loops, cache states and the order of the command line."""
import json
import os
import random
import signal
from cli import PLUGINS, Skip, backtest, duet, main, rows, write

STRATEGIES = {
    'sma_cross': ['--param', 'fast=5', '--param', 'slow=20', '--param', 'size=10'],
    'trend': ['--param', 'fast_bars=5', '--param', 'slow_bars=20', '--param', 'stop_fraction=0.01'],
    'buy_and_hold': [],
}


def _synth(path, bars, seed, *more):
    run = duet('data', 'synth', '--bars', bars, '--seed', seed, *more, path)
    assert run.code == 0, run
    return path


def _steady(run):
    """The JSON without what may differ: how long it took."""
    result = run.json()
    del result['timing']
    return json.dumps(result, sort_keys=True)


def twenty_runs_have_one_hash():
    """Also when the cache is cold, warm, off or damaged, and on either loop."""
    _synth('x.csv', 5000, 1)
    arguments = ['--strategy', 'trend', *STRATEGIES['trend'], '--data', 'X=x.csv']
    first = _steady(backtest(*arguments))  # cold
    for i in range(20):
        assert _steady(backtest(*arguments, '--loop', 'libevent' if i % 2 else 'sync')) == first
    assert _steady(backtest(*arguments, '--cache', 'off')) == first
    folder = os.path.join('.cache-home', 'duet')
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), 'r+b') as f:
            f.seek(-40, os.SEEK_END)
            f.write(b'\xff' * 8)
    assert _steady(backtest(*arguments)) == first
    assert _steady(backtest(*arguments)) == first


def every_compiler_and_machine_agrees_on_the_hash():
    """The figures were written down once; every build of every compiler has to come to them."""
    _synth('h.csv', 4000, 11)
    result = backtest('--strategy', 'trend', *STRATEGIES['trend'], '--data', 'X=h.csv', '--commission', '0.1%',
                      '--slippage', '1tick').json()
    got = (result['event_hash'], result['decision_hash'], result['final_equity'])
    assert got == ('c3fdde575c48986c', '3ddf079ea5638248', '76004.66849'), got


def the_order_of_the_data_options_means_nothing():
    """Three symbols, two intervals, in every order."""
    _synth('a.csv', 3000, 1)
    _synth('b.csv', 3000, 2)
    _synth('d.csv', 10, 3, '--interval', '1d')
    named = [['--data', 'B=a.csv'], ['--data', 'A=b.csv'], ['--data', 'A=d.csv']]
    first = None
    for i in range(6):
        random.Random(i).shuffle(named)
        result = backtest('--strategy', 'trend', *STRATEGIES['trend'], *sum(named, [])).json()
        got = (result['event_hash'], result['decision_hash'], result['final_equity'], result['data'])
        first = first or got
        assert got == first


def what_print_config_says_reproduces_the_run():
    """The effective file alone gives the same result."""
    _synth('x.csv', 3000, 4)
    arguments = ['--strategy', 'sma_cross', '--param', 'fast=5', '--data', 'X=x.csv,tz=UTC', '--commission', '5bps',
                 '--slippage', '1tick', '--from', '2020-01-02', '--leverage', '2', '--at-end', 'close']
    printed = duet('backtest', *arguments, '--print-config')
    assert printed.code == 0, printed
    write('run.yaml', printed.out)
    assert _steady(backtest('-c', 'run.yaml')) == _steady(backtest(*arguments))


def no_strategy_sees_beyond_the_present():
    """A run on the first k bars decides exactly as the full run up to there: 100 random k for each bundled strategy."""
    lines = open(_synth('x.csv', 1500, 5)).read().split('\n')
    rng = random.Random(1)

    def decisions(path):
        assert backtest('--strategy', name, *arguments, '--data', 'X=' + path, '--orders', 'o.csv', '--cache',
                        'off').code == 0
        keys = ('created', 'symbol', 'side', 'type', 'tif', 'quantity', 'price', 'stop', 'reason', 'order_id')
        return sorted(([r[k] for k in keys] for r in rows('o.csv')), key=lambda r: int(r[-1]))

    for name, arguments in STRATEGIES.items():
        full = decisions('x.csv')
        assert full, name
        for _ in range(100):
            k = rng.randrange(1, 1500)
            write('part.csv', '\n'.join(lines[:k + 1]) + '\n')
            end = lines[k].split(',')[0]
            part = decisions('part.csv')
            # A decision at the close of bar k carries the time of that close, the label of bar k+1. At the opening of
            # bar k+1, which the short file does not have, a fill may add its protective stop at the same time.
            limit = lines[k + 1].split(',')[0] if k + 1 < len(lines) and lines[k + 1] else '9999'
            assert part == full[:len(part)], (name, k, end)
            assert all(r[0] > limit or (r[0] == limit and r[8] == 'protect') for r in full[len(part):]), (name, k, end)


def max_bars_is_the_same_as_a_shorter_file():
    """--max-bars k and the first k lines give the same fills."""
    lines = open(_synth('x.csv', 800, 6)).read().split('\n')
    write('part.csv', '\n'.join(lines[:501]) + '\n')
    arguments = ['--strategy', 'sma_cross', *STRATEGIES['sma_cross']]
    a = backtest(*arguments, '--data', 'X=x.csv', '--max-bars', 500).json()
    b = backtest(*arguments, '--data', 'X=part.csv').json()
    assert (a['bars'], a['event_hash'], a['final_equity']) == (b['bars'], b['event_hash'], b['final_equity'])


def bundled_strategies_never_touch_the_unreadable_page():
    """With --guard bars and history end at a page that cannot be read; results stay the same."""
    _synth('x.csv', 2000, 7)
    for name, arguments in STRATEGIES.items():
        plain = backtest('--strategy', name, *arguments, '--data', 'X=x.csv').json()
        guarded = backtest('--strategy', name, *arguments, '--data', 'X=x.csv', '--guard').json()
        assert plain['event_hash'] == guarded['event_hash']
        assert plain['final_equity'] == guarded['final_equity']


def a_planted_peek_is_caught_and_named():
    """A strategy that reads beyond what it was handed dies at the unreadable page, and the line says who and where."""
    plugin = os.path.join(PLUGINS, 'peeks.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    _synth('x.csv', 100, 8)
    for place in (0, 1):
        run = duet('backtest', '--strategy', plugin, '--param', 'back=%d' % place, '--data', 'X=x.csv', '--guard')
        assert run.code in (-signal.SIGSEGV, -signal.SIGBUS) or 'AddressSanitizer' in run.err, run
        assert any('peeks' in line and 'on_bar' in line for line in run.err.split('\n')), run


if __name__ == '__main__':
    main(globals())
