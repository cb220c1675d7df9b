"""Files ahead of a gateway's feed: the strategy knows them when the first bar comes, and nothing was traded on them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gateway'))
from daemon import PATIENCE_S, Daemon, duet, main, rows, synth  # noqa: E402
from market import SECOND, Series  # noqa: E402
from peer import Peer  # noqa: E402

MINUTE = 60 * SECOND
STRATEGY = ('--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=4')


def _fills(path):
    return [(row['time'], row['quantity'], row['price']) for row in rows(path)]


def _session(peer, *more):
    return Daemon('--feed', 'gateway', '--gateway', peer.address, '--broker', 'paper', '--session', 's.db', '--arm',
                  '--bar-grace-ms', '50', '--heartbeat-ms', '1000', '--json', *STRATEGY, *more)


def files_are_history_and_the_gateway_goes_on():
    """Thirty bars of a file, thirty of the gateway: the fills of the backtest over all from the second half on."""
    whole = Series.made_up('A', 60, MINUTE, seed=3)
    whole.write_csv('whole.csv')
    Series('A', MINUTE, whole.bars[:30]).write_csv('first.csv')
    tested = duet('backtest', '--json', *STRATEGY, '--data', 'A=whole.csv', '--from', '2024-01-01 00:30', '--fills',
                  'fills.csv').json()
    assert tested['fills'] > 3
    peer = Peer('127.0.0.1:0', 'peer.db', [Series('A', MINUTE, whole.bars[30:])]).start()
    with _session(peer, '--data', 'A=first.csv,tz=UTC') as daemon:
        daemon.wait_for('started')
        peer.wait_done(PATIENCE_S)
        daemon.stop()
        played = daemon.json()
    for key in ('fills', 'final_cash', 'final_equity'):
        assert played[key] == tested[key], (key, played[key], tested[key])
    assert duet('replay', 's.db', '--verify').code == 0
    peer.stop()


def a_journal_that_knows_the_files_does_not_tell_them_again():
    """Stopped before the feed began, and started again."""
    whole = Series.made_up('A', 60, MINUTE, seed=3)
    Series('A', MINUTE, whole.bars[:30]).write_csv('first.csv')
    peer = Peer('127.0.0.1:0', 'peer.db', [Series('A', MINUTE, whole.bars[30:])], steps=0).start()
    inputs = []
    for _ in range(2):
        with _session(peer, '--data', 'A=first.csv,tz=UTC') as daemon:
            daemon.wait_for('started')
            daemon.stop()
            inputs.append(daemon.json()['inputs'])
    assert inputs[0] > 30 and inputs[1] < 20, inputs
    peer.stop()


if __name__ == '__main__':
    main(globals())
