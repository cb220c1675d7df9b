"""The seven steps of an instant, told by what a strategy sees and where its orders fill; worked out by hand.

A trades on minutes and has a gap (no bars 00:02 to 00:04); B has minutes throughout and days. Opens of A are all
different, so a fill price names the opening that was met.
"""
import os
from cli import PLUGINS, Skip, backtest, duet, main, rows, write

A = """time,open,high,low,close,volume
2024-01-01 23:58:00,101.00,105.00,99.00,102.00,1
2024-01-01 23:59:00,102.00,105.00,99.00,103.00,1
2024-01-02 00:00:00,103.00,105.00,94.00,104.00,1
2024-01-02 00:01:00,104.00,105.00,99.00,105.00,1
2024-01-02 00:05:00,105.00,108.00,99.00,106.00,1
2024-01-02 00:06:00,106.00,108.00,99.00,107.00,1
"""
B = 'time,open,high,low,close,volume\n' + ''.join(
    '2024-01-0%s,50,51,49,50,1\n' % t for t in ('1 23:58:00', '1 23:59:00', '2 00:00:00', '2 00:01:00', '2 00:02:00',
                                               '2 00:03:00', '2 00:04:00', '2 00:05:00', '2 00:06:00'))
DAYS = 'date,open,high,low,close,volume\n2023-12-31,50,51,49,50,1\n2024-01-01,50,51,49,50,1\n'


def _stage():
    plugin = os.path.join(PLUGINS, 'seven.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    write('a.csv', A)
    write('b.csv', B)
    write('d.csv', DAYS)
    return ['--strategy', plugin, '--cash', '1000000', '--commission', '0']


def _run(*data):
    run = duet('backtest', *_stage(), *data, '--fills', 'fills.csv', '--json', '--log', 'info')
    assert run.code == 0, run
    fills = [(r['time'][11:], r['price'], r['reason']) for r in rows('fills.csv')]
    trace = [line.split('trace ', 1)[1] for line in run.err.split('\n') if 'trace ' in line]
    return fills, trace, run.json()


DATA = ('--data', 'A=a.csv', '--data', 'B=b.csv', '--data', 'B=d.csv,interval=1d')


def each_order_meets_the_opening_its_step_allows():
    """Sent in steps 2 to 5: the opening of the same instant. In 7: the next. In the gap: the first after it."""
    fills, _, _ = _run(*DATA)
    assert fills == [
        ('00:00:00', '103.00', 'step 3'),     # opening of bar 00:00, sent at the close of 23:59
        ('00:00:00', '103.00', 'step 4'),
        ('00:00:00', '103.00', 'step 5'),
        ('00:01:00', '95.00', 'range'),       # range of bar 00:00, known at its close, limit price
        ('00:01:00', '104.00', 'step 7'),     # sent after the batch of 00:00: waits for the next opening
        ('00:01:00', '104.00', 'step 2'),     # sent while the reports of 00:01 drained
        ('00:05:00', '105.00', 'gap bar'),    # A has no opening between 00:01 and 00:05
        ('00:05:00', '105.00', 'gap timer'),
    ], fills


def callbacks_come_in_the_order_of_the_steps():
    """Midnight: the minute bars before the day, then the instant, the timer, the fills of the opening batch."""
    _, trace, _ = _run(*DATA)
    midnight = [line[2:] for line in trace if line.startswith('0 ')]
    assert midnight == ['bar 0 60s', 'bar 1 60s', 'bar 1 86400s', 'instant', 'timer 5',
                        'fill step 3 at 103.00', 'fill step 4 at 103.00', 'fill step 5 at 103.00'], midnight
    one = [line[3:] for line in trace if line.startswith('60 ')]
    assert one == ['fill range at 95.00', 'bar 0 60s', 'bar 1 60s', 'instant', 'fill step 7 at 104.00',
                   'fill step 2 at 104.00'], one
    times = [int(line.split()[0]) for line in trace]
    assert times == sorted(times)


def nothing_depends_on_the_order_of_the_data():
    """The same trace with the options the other way round."""
    first = _run(*DATA)
    turned = _run('--data', 'B=d.csv,interval=1d', '--data', 'B=b.csv', '--data', 'A=a.csv')
    assert first[:2] == turned[:2]
    assert first[2]['event_hash'] == turned[2]['event_hash']


def the_other_loop_plays_the_same_instants():
    """libevent with virtual time."""
    first = _run(*DATA)
    other = _run(*DATA, '--loop', 'libevent')
    assert first[:2] == other[:2]
    assert first[2]['event_hash'] == other[2]['event_hash']


def a_timer_that_answers_itself_does_not_stop_time():
    """One timer per bar fires in step 5; the one that it asks for at the same instant is refused."""
    plugin = os.path.join(PLUGINS, 'rearms.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    write('a.csv', A)
    run = duet('backtest', '--strategy', plugin, '--data', 'A=a.csv', '--log', 'info', '--quiet', timeout=60)
    assert run.code == 0 and 'trace fired 6 refused 6' in run.err, run


if __name__ == '__main__':
    main(globals())
