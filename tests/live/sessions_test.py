"""Recorded sessions of every sort, each proven byte for byte, by this build and by others.

Environment: DUET_SESSIONS, a folder that outlives the test. What this build (DUET_BUILD_NAME) records is kept there,
and what other builds have left there, gcc's or clang's, is proven here too, with this build's plugins.
"""
import os
import re
import shutil
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gateway'))
from daemon import PATIENCE_S, PLUGINS, Daemon, Skip, duet, live, main, synth, write  # noqa: E402
from market import SECOND, Series  # noqa: E402
from peer import Peer  # noqa: E402

KEPT = os.environ.get('DUET_SESSIONS', '')
BUILD = os.environ.get('DUET_BUILD_NAME', 'this')
BARS = 600
BUNDLED = ('buy_and_hold', 'donchian_breakout', 'macd_trend', 'mean_reversion', 'pairs', 'quote_maker', 'rotation',
           'rsi_reversal', 'sma_cross', 'trend')


def _strategy(name):
    path = os.path.join(PLUGINS, name + '.so')
    if name in BUNDLED:
        return name
    if not PLUGINS or not os.path.exists(path):
        raise Skip('needs the test plugins')
    return path


def _data(count, *options, bars=BARS):
    args = []
    for i in range(count):
        path = 'x%d-%d%s.csv' % (i, bars, ''.join(options))
        if not os.path.exists(path):
            synth(path, bars, i + 1, *options)
        args += ['--data', 'X%d=%s' % (i, path)]
    return args


def _years(count):
    """Daily bars, long enough for months to end and slow averages to be known."""
    args = []
    for i in range(count):
        path = 'd%d.csv' % i
        if not os.path.exists(path):
            synth(path, 1500, i + 11, '--interval', '1d', '--volatility', '0.02')
        args += ['--data', 'D%d=%s' % (i, path)]
    return args


def _quotes(count=2000):
    lines, price = ['time,bid,ask'], 100000
    for i in range(count):
        price += 3 * (i * 7919 % 23 - 11)
        lines.append('%d.%d,%.3f,%.3f' % (1577915100 + i // 3, i % 3, price / 1000, (price + 20) / 1000))
    return ['--data', 'Q=' + write('q.csv', '\n'.join(lines) + '\n')]


def _played(session, strategy, *args, count=1, data=None):
    run = live('--arm', '--speed', '0', '--session', session, '--strategy', _strategy(strategy), '--log', 'error',
               *(data or _data(count)), *args)
    assert run.code == 0, run


def _pieces(session, strategy, number, code, *args):
    """Ended on the way several times by a signal, then played to the end."""
    data = _data(2, bars=3000)
    for _ in range(3):
        with Daemon('--arm', '--session', session, '--strategy', _strategy(strategy), '--speed', '30000',
                    '--snapshot-s', '1', *data, *args) as daemon:
            daemon.wait_for('started')
            daemon.wait_for('code=fill')
            time.sleep(0.1)
            daemon.tell(number)
            assert daemon.end() == code, daemon.log
    _played(session, strategy, *args, data=data)


def _commanded(session):
    """An operator's hand in it."""
    with Daemon('--session', session, '--strategy', _strategy('busy'), '--speed', '20000', '--token-file', 'token',
                *_data(2, bars=20000), api='127.0.0.1:0') as daemon:
        port = re.search(r'port=(\d+)', daemon.wait_for('control-listening')).group(1)
        daemon.wait_for('started')

        def ctl(*verb):
            run = duet('ctl', '--url', 'http://127.0.0.1:' + port, '--token-file', 'token', *verb)
            assert run.code == 0, run

        ctl('arm', '--yes')
        daemon.wait_for('code=fill', 2)
        for verb in (('cancel-all',), ('halt', '--reason', 'by hand'), ('resume',), ('arm', '--yes'), ('flatten',),
                     ('resume',), ('arm', '--yes'), ('snapshot',)):
            ctl(*verb)
            time.sleep(0.05)
        daemon.stop()


def _through_gateway(session, *faults, kills=0):
    """Feed and broker in another process, and lines that break."""
    peer = Peer('127.0.0.1:0', session + '.peer', [Series.made_up('A', 60, 60 * SECOND, seed=3)],
                faults=list(faults)).start()
    args = ('--feed', 'gateway', '--broker', 'gateway', '--gateway', peer.address, '--session', session, '--arm',
            '--bar-grace-ms', '50', '--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=4',
            '--data', 'A=gateway,interval=1m,decimals=2')
    for _ in range(kills):
        with Daemon(*args) as daemon:
            daemon.wait_for('code=fill')
            daemon.tell(signal.SIGKILL)
            assert daemon.end() == -signal.SIGKILL
    with Daemon(*args) as daemon:
        peer.wait_done(PATIENCE_S)
        daemon.stop()
    peer.stop()


def _two_intervals():
    return _data(1, bars=3000) + ['--data', 'X0=' + synth('h.csv', 50, 1, '--interval', '1h')]


# What is recorded: the strategy, and how. Each bundled one is among them.
SESSIONS = (
    ('sma_cross', lambda s: _played(s, 'sma_cross')),
    ('sma_cross', lambda s: _played(s, 'sma_cross', '--commission', '0.1%', '--slippage', '2bps', count=3)),
    ('trend', lambda s: _played(s, 'trend', '--param', 'stop_fraction=0.002')),
    ('trend', lambda s: _played(s, 'trend', count=3)),
    ('buy_and_hold', lambda s: _played(s, 'buy_and_hold')),
    ('buy_and_hold', lambda s: _played(s, 'buy_and_hold', '--at-end', 'close', count=3)),
    ('trend', lambda s: _played(s, 'trend', data=_two_intervals())),
    ('sma_cross', lambda s: _played(s, 'sma_cross', '--from', '2020-01-01 05:00')),
    ('varied', lambda s: _played(s, 'varied', '--max-position', '12', '--fill-profile', 'backtrader')),
    ('varied', lambda s: _played(s, 'varied')),
    ('varied', lambda s: _played(s, 'varied', '--seed', '9', data=_data(3, '--ragged'))),
    ('busy', lambda s: _played(s, 'busy')),
    ('busy', lambda s: _played(s, 'busy', '--stop-loss', '0.01', '--trailing', '0.02', '--max-age-s', '3600', count=3)),
    ('busy', lambda s: _played(s, 'busy', '--open-known', 'close', count=2)),
    ('features', lambda s: _played(s, 'features', '--speed', '60000')), # so that answers come in between
    ('features', lambda s: _pieces(s, 'features', signal.SIGKILL, -signal.SIGKILL)),
    ('varied', lambda s: _pieces(s, 'varied', signal.SIGTERM, 0)),
    ('busy', _commanded),
    ('sma_cross', lambda s: _through_gateway(s, 'submit#2:drop_after', 'bar#20:drop_before', 'fill#3:drop')),
    ('sma_cross', lambda s: _through_gateway(s, 'submit#1*:partial=2', 'order#4:drop_after', kills=2)),
    ('mean_reversion', lambda s: _played(s, 'mean_reversion', '--param', 'shorts=true')),
    ('rsi_reversal', lambda s: _played(s, 'rsi_reversal', data=_years(1))),
    ('donchian_breakout', lambda s: _played(s, 'donchian_breakout', count=2)),
    ('macd_trend', lambda s: _played(s, 'macd_trend', data=_years(1))),
    ('pairs', lambda s: _played(s, 'pairs', data=_years(2))),
    ('rotation', lambda s: _played(s, 'rotation', data=_years(4))),
    ('quote_maker', lambda s: _played(s, 'quote_maker', '--param', 'half_spread_bps=0.5', data=_quotes())),
)


def _prove(path, strategy=None):
    run = duet('replay', '--verify', '--json', path, *(['--strategy', strategy] if strategy else []))
    assert run.code == 0, run
    result = run.json()
    assert result['decisions'] > 0 and result['outputs'] > 2, (path, result)
    return result


def sessions_of_every_sort_are_proven():
    """Each bundled strategy, several symbols, timers, chance, computations, commands, broken lines, kills."""
    assert len(SESSIONS) >= 20 and set(BUNDLED) <= {strategy for strategy, _ in SESSIONS}
    kept = os.path.join(KEPT, BUILD)
    if KEPT:
        shutil.rmtree(kept, ignore_errors=True)
        os.makedirs(kept)
    for number, (strategy, record) in enumerate(SESSIONS, 1):
        path = '%02d-%s.db' % (number, strategy)
        record(path)
        _prove(path)
        if KEPT:
            shutil.copy(path, kept)


def sessions_of_other_builds_are_proven():
    """What another compiler's build recorded comes out of this one byte for byte."""
    others = [name for name in sorted(os.listdir(KEPT)) if name != BUILD] if KEPT and os.path.isdir(KEPT) else []
    if not others:
        raise Skip('needs sessions of another build (DUET_SESSIONS)')
    for other in others:
        paths = sorted(name for name in os.listdir(os.path.join(KEPT, other)) if name.endswith('.db'))
        assert len(paths) == len(SESSIONS), (other, paths)
        for path in paths:
            shutil.copy(os.path.join(KEPT, other, path), path) # a reader leaves files beside a journal
            strategy = re.match(r'\d+-(\w+)\.db$', path).group(1)
            _prove(path, _strategy(strategy))


if __name__ == '__main__':
    main(globals())
