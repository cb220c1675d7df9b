"""Bias checks and the comparison of runs: what a strategy cannot know is found, and named."""
import json
import os
import re
import shutil
import subprocess
from cli import PLUGINS, Skip, backtest, duet, main, rows, shared, write

BUNDLED = {
    'sma_cross': ['--param', 'fast=5', '--param', 'slow=20', '--param', 'size=10'],
    'trend': ['--param', 'fast_bars=5', '--param', 'slow_bars=20', '--param', 'stop_fraction=0.01'],
    'buy_and_hold': [],
}


def _synth(path, bars, seed, *more):
    run = duet('data', 'synth', '--bars', bars, '--seed', seed, *more, path)
    assert run.code == 0, run
    return path


def _plugin(name):
    path = os.path.join(PLUGINS, name + '.so')
    if not PLUGINS or not os.path.exists(path):
        raise Skip('needs the test plugins')
    return path


def _check(what, *arguments):
    run = duet('check', what, '--json', *arguments)
    assert run.code in (0, 4), run
    return run.code, json.loads(run.out)


def bundled_strategies_do_not_look_ahead():
    """Whole, on bars that end at an unreadable page, and cut at twenty places: one symbol and two intervals of two."""
    _synth('x.csv', 2000, 1)
    _synth('y.csv', 40, 2, '--interval', '1h')
    for name, params in BUNDLED.items():
        for data in (['--data', 'X=x.csv'], ['--data', 'X=x.csv', '--data', 'X=y.csv', '--data', 'Y=y.csv']):
            code, found = _check('lookahead', '--strategy', name, *params, *data)
            assert (code, found['clean'], found['runs']) == (0, True, 22), (name, found)
            assert found['decisions'] > 0, found


def a_touch_past_the_bars_is_a_peek():
    """The finding says so and names strategy and callback; the checking program lives on."""
    _synth('x.csv', 500, 3)
    _synth('y.csv', 500, 2)
    for place, ahead, more in ((0, 0, ''), (1, 0, ''), (0, 100, ''), (1, 200, ''), (2, 0, ''), (0, 0, ',bars=5m'),
                               (1, 33, ',bars=renko:0.05'), (3, 0, '')):
        code, found = _check('lookahead', '--strategy', _plugin('peeks'), '--param', 'back=%d' % place, '--param',
                             'ahead=%d' % ahead, '--data', 'X=x.csv' + more, '--data', 'Y=y.csv')
        assert code == 4 and not found['clean'], (place, ahead, more, found)
        # Far ahead may be nobody's memory even without the page.
        assert 'past the bars' in found['finding'] or (ahead > 33 and 'in on_bar' in found['finding']), found


def honest_strategies_are_never_suspected():
    """Timers, chance, answers to fills, orders at the end: over bars, made bars, ticks, and files that end early."""
    _synth('x.csv', 1500, 3, '--ragged')
    _synth('y.csv', 900, 4, '--ragged', '--start', '2020-01-01T05:00')
    _synth('h.csv', 30, 5, '--interval', '1h')
    quotes = 'E=' + shared('data', 'ticks', 'histdata', 'quote_tick_data_EURUSD_202001.csv')
    trades = 'T=' + shared('data', 'ticks', 'binance_aggtrades', 'XRPETH-aggTrades-2019-10-11.csv')
    for data in (['X=x.csv'], ['X=x.csv,bars=5m'], ['X=x.csv,bars=renko:0.1'], ['X=x.csv,bars=volume:5000000+1h'],
                 ['X=x.csv', 'Y=y.csv'], ['X=x.csv', 'X=h.csv', 'Y=y.csv,bars=15m'], [quotes + ',bars=1m'],
                 [trades + ',bars=tick:50'], [trades + ',bars=1m', 'X=x.csv,bars=5m']):
        arguments = [a for d in data for a in ('--data', d)]
        code, found = _check('lookahead', '--strategy', _plugin('restless'), '--tz', 'UTC', *arguments)
        assert code == 0 and found['clean'], (data, found)
        assert found['decisions'] > 100 and found['runs'] == 22, (data, found)


def decisions_that_hang_on_no_input_are_found():
    """A clock behind a strategy's back changes a decision from run to run, and both are shown."""
    _synth('x.csv', 500, 4)
    code, found = _check('lookahead', '--strategy', _plugin('astray_clock'), '--data', 'X=x.csv')
    assert code == 4 and not found['clean'], found
    assert found['expected'] != found['got'] and 'SUBMIT BUY' in found['expected'], found


def a_warm_up_that_is_too_short_is_found():
    """An average with a memory of a thousand bars that asks for five; with two thousand it is warm."""
    _synth('x.csv', 8000, 5)
    plugin = _plugin('cold')
    code, found = _check('warmup', '--strategy', plugin, '--data', 'X=x.csv')
    assert code == 4 and 'warm-up' in found['finding'], found
    code, found = _check('warmup', '--strategy', plugin, '--param', 'asks=3000', '--data', 'X=x.csv')
    assert (code, found['clean'], found['runs']) == (0, True, 4), found
    for name, params in BUNDLED.items():
        code, found = _check('warmup', '--strategy', name, *params, '--data', 'X=x.csv')
        assert code == 0 and found['clean'], (name, found)


def _warned(run):
    return [w for w in run.json()['warnings'] if w['code'] == 'lookahead']


def a_new_plugin_is_checked_once_by_itself():
    """The first run of a plugin file says that it peeks, the second remembers it; a sound one is not mentioned."""
    _synth('x.csv', 500, 6)
    arguments = ['--strategy', _plugin('peeks'), '--data', 'X=x.csv']
    folder = os.path.join('.cache-home', 'duet')
    assert len(_warned(backtest(*arguments, '--check', 'off'))) == 0
    assert not [name for name in os.listdir(folder) if name.startswith('checked-')]
    for _ in range(2):
        warned = _warned(backtest(*arguments))
        assert len(warned) == 1 and 'past the bars' in warned[0]['text'], warned
    remembered = [name for name in os.listdir(folder) if name.startswith('checked-')]
    assert len(remembered) == 1
    assert len(_warned(backtest('--strategy', _plugin('varied'), '--data', 'X=x.csv'))) == 0
    assert len([name for name in os.listdir(folder) if name.startswith('checked-')]) == 2


def two_equal_runs_have_no_difference():
    """Another loop and another cache are no difference."""
    _synth('x.csv', 1000, 7)
    arguments = ['--strategy', 'trend', *BUNDLED['trend'], '--data', 'X=x.csv', '--decisions']
    write('a.json', backtest(*arguments).out)
    write('b.json', backtest(*arguments, '--loop', 'libevent', '--cache', 'off').out)
    run = duet('diff', 'a.json', 'b.json')
    assert run.code == 0 and 'the same decisions' in run.out, run


def the_first_decision_that_differs_is_named():
    """As the two files of orders show it; what the runs were given comes first."""
    _synth('x.csv', 1000, 8)

    def play(name, slow):
        run = backtest('--strategy', 'sma_cross', '--param', 'fast=5', '--param', 'slow=%d' % slow, '--data', 'X=x.csv',
                       '--commission', '0.1%' if slow == 20 else '0.2%', '--report', name)
        assert run.code == 0, run
        return sorted(rows(os.path.join(name, 'orders.csv')), key=lambda r: int(r['order_id']))

    a, b = play('a', 20), play('b', 21)
    keys = ('created', 'side', 'quantity')
    number = next(i for i, (x, y) in enumerate(zip(a, b)) if [x[k] for k in keys] != [y[k] for k in keys])
    run = duet('diff', '--json', 'a', 'b')
    assert run.code == 4, run
    found = json.loads(run.out)
    assert found['first']['number'] == number + 1, (found['first'], number)
    for side, row in (('a', a[number]), ('b', b[number])):
        assert found['first'][side].startswith(row['created'].replace(' ', 'T')), (found, row)
        assert row['side'] in found['first'][side]
    given = [(d['key'], d['a'], d['b']) for d in found['differences'] if d['input']]
    assert ('settings.commission', '0.1%', '0.2%') in given and ('params.slow', '20', '21') in given, given
    assert duet('diff', 'a', 'b').out.count('\n') > 8


def what_is_no_result_is_refused():
    """Broken JSON, other JSON, nothing at all."""
    write('broken.json', '{"mode": "backtest"')
    write('other.json', '{"mode": "live"}')
    write('good.json', '{"mode": "backtest"}')
    for path in ('broken.json', 'other.json', 'missing.json'):
        run = duet('diff', 'good.json', path)
        assert run.code == 3 and run.err.count('\n') == 1 and path in run.err, run
    assert duet('diff', 'good.json').code == 2
    assert duet('check', 'lookahaed').code == 2


def the_environment_overrides_the_file_and_the_command_line_both():
    """File, then DUET_CASH, then --cash; what the environment said is an assumption of the result."""
    _synth('x.csv', 100, 9)
    write('run.yaml', 'strategy: buy_and_hold\ncash: 1000\ndata:\n  - {symbol: X, path: x.csv}\n')

    def cash(*arguments, env=None):
        run = duet('backtest', '-c', 'run.yaml', '--json', *arguments, env=env)
        assert run.code == 0, run
        return run.json()

    assert cash()['initial_cash'] == '1000'
    result = cash(env={'DUET_CASH': '2000'})
    assert result['initial_cash'] == '2000'
    assert any('DUET_CASH=2000' in note['text'] for note in result['assumptions']), result['assumptions']
    assert cash('--cash', '3000', env={'DUET_CASH': '2000'})['initial_cash'] == '3000'
    run = duet('backtest', '-c', 'run.yaml', env={'DUET_CASH': 'much'})
    assert run.code == 2 and 'DUET_CASH' in run.err, run


def the_configuration_page_is_the_tables_of_the_code():
    """docs/configuration.md is what `duet config --markdown` prints; every option of the backtest is in it."""
    root = os.environ.get('DUET_SOURCE_ROOT', '')
    if not root:
        raise Skip('needs DUET_SOURCE_ROOT')
    page = duet('config', '--markdown').out
    with open(os.path.join(root, 'docs', 'configuration.md'), encoding='utf-8') as f:
        assert f.read() == page, 'run: duet config --markdown > docs/configuration.md'
    known = set(re.findall(r'^\| `(\w+)`', page, re.M))
    options = re.findall(r'^  --([a-z-]+)', duet('backtest', '--help').out, re.M)
    assert options
    missing = [o for o in options if o.replace('-', '_') not in known | {'data', 'param', 'print_config', 'help'}]
    assert not missing, missing


def the_manual_pages_name_every_command_and_are_well_formed():
    """duet.1 against `duet --help`; all three pages through the formatter, where it is installed."""
    root = os.environ.get('DUET_SOURCE_ROOT', '')
    if not root:
        raise Skip('needs DUET_SOURCE_ROOT')
    with open(os.path.join(root, 'packaging', 'man', 'duet.1'), encoding='utf-8') as f:
        page = f.read()
    commands = re.findall(r'^  ([a-z]+)  ', duet('--help').out, re.M)
    assert len(commands) > 10
    assert [c for c in commands if '.It Cm %s\n' % c not in page] == []
    made = duet('config', '--man')
    assert made.code == 0 and '.It Cm commission' in made.out
    if not shutil.which('groff'):
        return
    write('duet.yaml.5', made.out)
    for path in ('duet.yaml.5', os.path.join(root, 'packaging', 'man', 'duet.1'),
                 os.path.join(root, 'packaging', 'man', 'duetd.8')):
        done = subprocess.run(['groff', '-mandoc', '-Tutf8', '-K', 'utf8', '-ww', path], capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == '' and len(done.stdout) > 1000, (path, done.stderr)


if __name__ == '__main__':
    main(globals())
