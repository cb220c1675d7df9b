"""A daemon to which nothing happens sleeps: wake-ups and ticks of the processor are counted, never time."""
import os
import sys
import time

from daemon import Daemon, main, write

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gateway'))
from market import SECOND, Series  # noqa: E402
from peer import Peer  # noqa: E402

# A quiet market: two bars at once, then nothing for an hour of its file.
HOLD = ('--strategy', 'buy_and_hold', '--arm', '--session', 's.db', '--data', 'X=gap.csv', '--speed', '600')
WATCH_S = 2


def _gap():
    lines = ['time,open,high,low,close,volume']
    for at in (0, 60, 120, 60000, 60060):
        lines.append(time.strftime('%Y-%m-%d %H:%M:%S,100,101,99,100,1', time.gmtime(1704189600 + at)))
    write('gap.csv', '\n'.join(lines) + '\n')


def _waits(pid):
    """How often any of its threads has gone to sleep, by thread."""
    found = {}
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/status' % (pid, task), encoding='ascii') as f:
            found[task] = int(f.read().split('\nvoluntary_ctxt_switches:')[1].split()[0])
    return found


def _ticks(pid):
    """Processor time of all threads, in ticks."""
    with open('/proc/%d/stat' % pid, encoding='ascii') as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return int(fields[11]) + int(fields[12])


def _watch(*args, api='off', limit):
    """Waits and ticks over some seconds in which nothing happens; the watch is longer where the machine is slow."""
    _gap()
    _watch_daemon(Daemon(*HOLD, *args, api=api), limit)


def _watch_daemon(process, limit):
    with process as daemon:
        daemon.wait_for('code=fill')
        time.sleep(0.5)  # what came of the fill
        pid = daemon.process.pid
        before, ticks, began = _waits(pid), _ticks(pid), time.monotonic()
        time.sleep(WATCH_S)
        after, busy, passed = _waits(pid), _ticks(pid) - ticks, time.monotonic() - began
        assert set(after) == set(before), 'threads come and go: %s' % (set(after) ^ set(before))
        woken = {task: after[task] - before[task] for task in after if after[task] != before[task]}
        assert sum(woken.values()) < limit * passed, '%s wake-ups by thread in %.1f s' % (woken, passed)
        # One per cent would be two ticks; a sanitizer on a busy machine is slow and coarse.
        assert busy <= 10 * passed, '%d ticks in %.1f s' % (busy, passed)
        daemon.stop()


def an_idle_daemon_wakes_for_its_probe_only():
    """Five times a second; a few more, and it would be polling."""
    _watch(limit=20)


def the_control_interface_costs_no_wake_ups():
    """Nobody is connected."""
    _watch(api='127.0.0.1:0', limit=20)


def workers_and_processes_sleep_too():
    """However many there are."""
    _watch('--workers', '32', '--process-pool', limit=20)


def jobs_wake_it_when_they_are_due_and_only_then():
    """Three jobs, none of them due while we look."""
    write('live.yaml', 'live:\n  jobs:\n'
          '    - {name: scan, every: 180s, run: scan}\n'
          '    - {name: news, every: 300s, run: "command: echo news"}\n'
          '    - {name: health, every: 60s, run: health}\n')
    _watch('-c', 'live.yaml', limit=20)


def a_gateway_that_is_silent_costs_its_heartbeats():
    """Two symbols of which nothing comes any more after ten minutes."""
    series = [Series.made_up(symbol, 100, 60 * SECOND, seed=3) for symbol in ('X', 'Y')]
    other = Peer('127.0.0.1:0', 'peer.db', series, steps=10).start()
    write('live.yaml', 'strategy: buy_and_hold\ndata: ["X=gateway,interval=1m,decimals=2", '
          '"Y=gateway,interval=1m,decimals=2"]\n'
          'live: {session: s.db, feed: gateway, broker: gateway, gateway: "%s", arm: true}\n' % other.address)
    try:
        _watch_daemon(Daemon('-c', 'live.yaml'), limit=20)
    finally:
        other.stop()


if __name__ == '__main__':
    main(globals())
