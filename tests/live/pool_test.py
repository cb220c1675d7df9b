"""The daemon's pool: computations on threads and in processes, and the environment that shapes it."""
import os
import re
import sqlite3

from daemon import PLUGINS, duet, live, main, synth

FEATURES = os.path.join(PLUGINS, 'features.so')


def _data(bars):
    return ['--data', 'A=' + synth('a.csv', bars, 1), '--data', 'B=' + synth('b.csv', bars, 2)]


def _told(log):
    """What each state of the strategy says at its end: asked, answered, failed, disorder."""
    found = re.findall(r'text=asked=(\d+) answered=(\d+) failed=(\d+) disorder=(\d+)', log)
    return [tuple(int(x) for x in row) for row in found]


def _verified(path='s.db'):
    run = duet('replay', path, '--verify')
    assert run.code == 0, run


def _play(*args, env=None):
    """60 bars a second; the strategy asks at each of them."""
    data = _data(200)
    run = live('--strategy', FEATURES, *data, '--arm', '--speed', '3600', '--session', 's.db', *args, env=env)
    assert run.code == 0, run
    _verified()
    return run


def computations_on_threads_are_inputs_that_a_replay_takes():
    """185 questions of each of two symbols, one in a hundred in vain, and those that answers ask."""
    run = _play()
    told = _told(run.err)
    assert len(told) == 2, run
    for asked, answered, failed, disorder in told:
        # At the end of the file some may not have come back.
        assert asked >= 185 and answered > 100 and failed >= 1, told
    database = sqlite3.connect('s.db')
    count, = database.execute("SELECT count(*) FROM inputs WHERE kind = 11").fetchone()
    database.close()
    assert count >= sum(row[1] for row in told)


def the_same_in_processes_and_a_crash_there_is_an_answer():
    """Every fiftieth computation dies of a signal; the daemon does not."""
    run = _play('--param', 'crash=50', env={'ASYNC_FEATURES_USE_PROCESS_POOL': 'true', 'ASYNC_FEATURES_WORKERS': '2'})
    assert re.search(r'offload-start workers=2 queue=1000 processes=2', run.err), run
    for asked, answered, failed, disorder in _told(run.err):
        assert asked >= 185 and answered > 100 and failed >= 3, run
    assert 'crashed in' not in run.err


if __name__ == '__main__':
    main(globals())
