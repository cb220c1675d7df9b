"""A session over files of trades and quotes is the backtest over them, proven, and taken up where it ended."""
from daemon import Daemon, duet, live, main, shared, write

SAME = ('event_hash', 'decision_hash', 'orders', 'fills', 'final_cash', 'final_equity')
HISTDATA = ('ticks', 'histdata', 'quote_tick_data_EURUSD_202001.csv')
TRUEFX = ('ticks', 'truefx', 'usdjpy-ticks.csv')


def _data(*files):
    return [item for symbol, path in files for item in ('--data', '%s=%s' % (symbol, shared('data', *path)))]


def _same(*args, session='s.db'):
    tested = duet('backtest', '--json', *args).json()
    played = live('--json', '--arm', '--speed', '0', '--session', session, '--log', 'warn', *args)
    assert played.code == 0, played
    result = played.json()
    different = [(key, tested[key], result[key]) for key in SAME if tested[key] != result[key]]
    assert not different, (args, different)
    proof = duet('replay', session, '--verify')
    assert proof.code == 0, proof
    return tested


def _minutes(name, count, step=60):
    """Bars that close between the ticks of both files, and at none of them."""
    lines = ['time,open,high,low,close,volume']
    for i in range(count):
        price = 100 + (i * 7919 % 23 - 11) / 8
        lines.append('%d,%.3f,%.3f,%.3f,%.3f,1' % (1577915100 + i * step, price, price + 1, price - 1, price + 0.5))
    return write(name, '\n'.join(lines) + '\n')


def quotes_decide_the_same_and_are_proven():
    """One instrument of quotes; two of them, years apart; costs and limits."""
    result = _same('--strategy', 'quote_maker', *_data(('EURUSD', HISTDATA)))
    assert result['fills'] > 0 and result['ticks'] == 9500
    result = _same('--strategy', 'quote_maker', '--param', 'half_spread_bps=0.3', '--commission', '0.2bps',
                   '--cash', '1000', *_data(('EURUSD', HISTDATA), ('USDJPY', TRUEFX)), session='two.db')
    assert result['fills'] > 10


def ticks_and_bars_of_one_run_decide_the_same():
    """Bars of another instrument fill by their own openings in between; bars of the same one inform."""
    _minutes('b.csv', 400)
    _minutes('own.csv', 400)
    for i, strategy in enumerate((['sma_cross', '--param', 'fast=2', '--param', 'slow=5'],
                                  ['trend', '--param', 'fast_bars=2', '--param', 'slow_bars=5'])):
        result = _same('--strategy', *strategy, '--cash', '10000', '--tz', 'UTC', *_data(('EURUSD', HISTDATA)),
                       '--data', 'B=b.csv', '--data', 'EURUSD=own.csv,decimals=6', session='s%d.db' % i)
        assert result['fills'] > 10 and result['bars'] == 800, result


def a_session_over_quotes_in_pieces_decides_the_same():
    """Stopped three times on the way, and taken up again with the next tick: the same fills, cash and equity."""
    args = ('--strategy', 'quote_maker', '--param', 'half_spread_bps=0.2', *_data(('EURUSD', HISTDATA)))
    tested = duet('backtest', '--json', *args).json()
    for _ in range(3):
        with Daemon('--session', 's.db', '--arm', '--json', *args, '--speed', '1500') as daemon:
            daemon.wait_for('started')
            daemon.wait_for('code=fill')
            daemon.stop()
    played = live('--session', 's.db', '--arm', '--json', *args, '--speed', '0')
    assert played.code == 0, played
    result = played.json()
    assert result['epoch'] == 4
    for key in ('orders', 'fills', 'final_cash', 'final_equity'):
        assert tested[key] == result[key], (key, tested[key], result[key])


if __name__ == '__main__':
    main(globals())
