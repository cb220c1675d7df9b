"""Computations of strategies: the same run with workers, one, or none."""
import os
import re

from cli import PLUGINS, backtest, duet, main, write


def _run(*more):
    arguments = []
    for i in range(6):
        if not os.path.exists('s%d.csv' % i):
            done = duet('data', 'synth', '--bars', 1500, '--seed', i, 's%d.csv' % i)
            assert done.code == 0, done
        arguments += ['--data', 'S%d=s%d.csv' % (i, i)]
    return backtest('--strategy', os.path.join(PLUGINS, 'features.so'), *arguments, '--orders', 'orders.csv', *more)


def _told(run):
    """What the six states say in the end."""
    lines = re.findall(r'symbol=(\w+) text=asked=(\d+) answered=(\d+) failed=(\d+) disorder=(\d+)', run.err)
    assert len(lines) == 6, run
    return [tuple(int(x) for x in line[1:]) for line in lines]


def results_do_not_depend_on_how_many_workers_there_are():
    """None, one and eight, on either loop, one symbol's computations quick and another's slow."""
    first = None
    for workers in ('0', '1', '8', '8'):
        for loop in ('sync', 'libevent'):
            slow = 'slow=%d' % (2000 if workers == '8' else 0)
            run = _run('--offload-workers', workers, '--loop', loop, '--param', slow)
            result = run.json()
            with open('orders.csv') as f:
                got = (result['event_hash'], result['decision_hash'], result['final_equity'], result['fills'],
                       f.read(), _told(run))
            first = first or got
            assert got == first, (workers, loop)
    assert first[3] > 100, 'it traded'


def every_computation_is_answered_once_and_in_order():
    """1500 bars, the first 15 too few; each tenth answer asks again, each hundredth bar in vain."""
    for asked, answered, failed, disorder in _told(_run()):
        assert asked == answered and failed == 15 and disorder == 0
        # 1485 by bars, and one more for each tenth answer, the failed ones apart.
        assert 1485 < asked <= 1485 + asked // 10


def a_strategy_of_older_headers_still_runs():
    """Its table ends before on_feature."""
    done = duet('data', 'synth', '--bars', 50, 'x.csv')
    assert done.code == 0, done
    assert backtest('--strategy', os.path.join(PLUGINS, 'older.so'), '--data', 'X=x.csv').json()['bars'] == 50


def too_many_workers_are_refused_by_name():
    """A usage error that names the key."""
    run = _run('--offload-workers', '5000')
    assert run.code == 2 and 'offload_workers' in run.err and '5000' in run.err, run


def a_prefix_of_the_data_decides_the_same():
    """What is computed sees no more than the bars there were."""
    write('orders.csv', '')
    _run('--max-bars', '700').json()
    with open('orders.csv') as f:
        part = f.read().split('\n')[:-1]
    _run().json()
    with open('orders.csv') as f:
        whole = f.read().split('\n')
    keep = [line for line in part if 'END_OF_DATA' not in line and 'EXPIRED' not in line]
    assert len(keep) > 100 and all(line in whole for line in keep[:-12])


main(globals())
