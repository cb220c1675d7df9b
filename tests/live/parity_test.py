"""A session over a file is the backtest over that file: the strongest promise that the daemon makes.

Each test plays the same data, strategy and options twice, once as a backtest and once as an armed session at full
speed, and compares hashes of all events and of all decisions, counts, cash and equity.
"""
import os
import re

from daemon import PLUGINS, Daemon, Skip, duet, live, main, synth, write

SAME = ('event_hash', 'decision_hash', 'orders', 'fills', 'final_cash', 'final_equity')


def _same(*args, session='s.db'):
    tested = duet('backtest', '--json', *args).json()
    played = live('--json', '--arm', '--speed', '0', '--session', session, '--log', 'warn', *args)
    assert played.code == 0, played
    result = played.json()
    different = [(key, tested[key], result[key]) for key in SAME if tested[key] != result[key]]
    assert not different, (args, different)
    return tested


def _data(count, *options, bars=3000):
    args = []
    for i in range(count):
        synth('x%d.csv' % i, bars, i + 1, *options)
        args += ['--data', 'X%d=x%d.csv' % (i, i)]
    return args


def _quotes(path, count=4000):
    """Of a market maker's instrument, three a second at most, moving by a few ticks."""
    lines, price = ['time,bid,ask'], 100000
    for i in range(count):
        price += 3 * (i * 7919 % 23 - 11)
        lines.append('%d.%d,%.3f,%.3f' % (1577915100 + i // 3, i % 3, price / 1000, (price + 20) / 1000))
    return ['--data', 'Q=' + write(path, '\n'.join(lines) + '\n')]


def _years(count):
    """Daily bars, long enough for months to end and slow averages to be known."""
    args = []
    for i in range(count):
        synth('d%d.csv' % i, 1500, i + 11, '--interval', '1d', '--volatility', '0.02')
        args += ['--data', 'D%d=d%d.csv' % (i, i)]
    return args


def every_bundled_strategy_decides_the_same():
    """Each with the data that it is for, and costs."""
    minutes, days = _data(1), _years(4)
    data = {'quote_maker': _quotes('q.csv'), 'pairs': days[:4], 'rotation': days, 'macd_trend': days[:2],
            'mean_reversion': days[:2], 'rsi_reversal': days[:2], 'donchian_breakout': days[:2]}
    more = {'trend': ['--param', 'stop_fraction=0.002'], 'quote_maker': ['--param', 'half_spread_bps=0.5']}
    listed = re.findall(r'^([a-z_]+) {2,}', duet('strategies').out, re.M)
    assert set(data) | {'buy_and_hold', 'sma_cross', 'trend'} == set(listed), listed
    for strategy in listed:
        result = _same('--strategy', strategy, '--commission', '0.01%', '--slippage', '1bps',
                       *data.get(strategy, minutes), *more.get(strategy, ()), session=strategy + '.db')
        assert result['fills'] > 0, strategy
        proof = duet('replay', strategy + '.db', '--verify')
        assert proof.code == 0, proof


def several_symbols_decide_the_same():
    """Three instruments of one account; one begins later and has gaps."""
    data = _data(2)
    synth('late.csv', 2000, 9, '--start', '2020-01-02', '--ragged')
    for i, strategy in enumerate(('trend', 'sma_cross', 'buy_and_hold')):
        result = _same('--strategy', strategy, '--cash', '1000000', *data, '--data', 'LATE=late.csv',
                       session='s%d.db' % i)
        assert result['fills'] > 2, strategy


def two_intervals_of_one_symbol_decide_the_same():
    """Minutes fill, hours inform."""
    synth('m.csv', 6000, 3)
    synth('h.csv', 100, 3, '--interval', '1h')
    _same('--strategy', 'trend', '--data', 'X=m.csv', '--data', 'X=h.csv')


def longer_bars_decide_the_same():
    """Made of minutes with gaps on both sides; and the journal, which holds the minutes alone, replays to the same."""
    plugin = os.path.join(PLUGINS, 'longer.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    synth('m.csv', 4000, 3, '--ragged')
    for i, (bars, more) in enumerate((('15m', []), ('5m+1h', ['--param', 'seconds=3600']), ('renko:0.1', []),
                                      ('tick:5', ['--from', '2020-01-01 10:07', '--param', 'warm_up_bars=4']),
                                      ('30m', ['--from', '2020-01-01 10:07', '--param', 'warm_up_bars=4']))):
        session = 'longer%d.db' % i
        result = _same('--strategy', plugin, '--param', 'trade=true', '--param', 'loud=false', *more, '--data',
                       'X=m.csv,bars=' + bars, session=session)
        assert result['fills'] > 3, (bars, result['fills'])
        replayed = duet('replay', session, '--verify')
        assert replayed.code == 0, replayed


def gaps_and_days_decide_the_same():
    """Daily bars of weekdays in a zone with summer time: openings that fall on no close."""
    lines = ['date,open,high,low,close,volume']
    price = 100.0
    day = 0
    for i in range(400):
        day += 3 if i % 5 == 0 else 1
        price += (i * 7919 % 13 - 6) / 4
        lines.append('%04d-%02d-%02d,%.2f,%.2f,%.2f,%.2f,1' % (
            2023 + day // 336, 1 + day % 336 // 28, 1 + day % 28, price, price + 1, price - 1, price + 0.5))
    write('d.csv', '\n'.join(lines) + '\n')
    for i, strategy in enumerate(('trend', 'sma_cross')):
        _same('--strategy', strategy, '--data', 'D=d.csv', '--tz', 'America/New_York', session='s%d.db' % i)


def a_warm_up_decides_the_same():
    """Bars before --from are told, and no order goes out; --to and --max-bars end it."""
    data = _data(2)
    _same('--strategy', 'trend', '--from', '2020-01-01 10:00', '--to', '2020-01-02 20:00', *data)
    _same('--strategy', 'sma_cross', '--from', '2020-01-01 01:00', '--max-bars', '700', *data, session='b.db')


def limits_and_another_profile_decide_the_same():
    """Denials are events, too."""
    data = _data(1)
    _same('--strategy', 'sma_cross', '--max-position', '5', '--fill-profile', 'backtrader', *data)


def timers_orders_and_expiries_decide_the_same():
    """The stories of the test plugin: orders that end inside a bar, cancels, replaces, pairs."""
    plugin = os.path.join(PLUGINS, 'promises.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    bars = ['100/101/99/100', '100/100/90/100', '100/106/99/106', '106/106/106/106'] * 3
    lines = ['time,open,high,low,close,volume']
    for i, text in enumerate(bars):
        lines.append('2024-01-02 10:%02d:00,%s,1' % (i, text.replace('/', ',')))
    write('a.csv', '\n'.join(lines) + '\n')
    for story in (1, 2, 4, 5, 7, 8, 9):
        _same('--strategy', plugin, '--param', 'story=%d' % story, '--data', 'A=a.csv', session='s%d.db' % story)


def a_session_in_pieces_decides_the_same():
    """Stopped three times on the way, and taken up again: the same fills, cash and equity at the end.

    Not the same hash: the restarts are events as well."""
    data = _data(2, bars=4000)
    args = ('--strategy', 'sma_cross', '--session', 's.db', '--arm', '--json', *data)
    tested = duet('backtest', '--json', '--strategy', 'sma_cross', *data).json()
    for _ in range(3):
        with Daemon(*args, '--speed', '60000') as daemon:
            daemon.wait_for('started')
            daemon.wait_for('code=fill')
            daemon.stop()
    played = live(*args, '--speed', '0')
    assert played.code == 0, played
    result = played.json()
    assert result['epoch'] == 4
    for key in ('orders', 'fills', 'final_cash', 'final_equity'):
        assert tested[key] == result[key], (key, tested[key], result[key])


if __name__ == '__main__':
    main(globals())
