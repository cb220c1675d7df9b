"""Jobs of the real daemon: scans look at the bars that came, those before a restart too; programs end with it."""
import os
import signal
import time

from daemon import PATIENCE_S, Daemon, main, synth, write

LIVE = """live:
  jobs:
    - {{name: model, every: {every}, run: scan}}
{more}"""


def _configure(every='300ms', more=''):
    write('live.yaml', LIVE.format(every=every, more=more))


def _session(*args, speed='6000'):
    return Daemon('-c', 'live.yaml', '--strategy', 'buy_and_hold', '--arm', '--session', 's.db',
                  '--data', 'UP=up.csv', '--data', 'DOWN=down.csv', '--speed', speed, *args)


def _trend(path, step, count):
    """Minutes that zigzag along a slope."""
    lines = ['time,open,high,low,close,volume']
    for i in range(count):
        price = 500 + step * i + (1 if i % 2 else -1)
        stamp = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(1704189600 + 60 * i))
        lines.append('%s,%.2f,%.2f,%.2f,%.2f,%d' % (stamp, price, price + 2, price - 2, price, 1000))
    write(path, '\n'.join(lines) + '\n')


def _markets(count):
    _trend('up.csv', 0.5, count)
    _trend('down.csv', -0.5, count)


def scans_tell_signals_and_send_no_order():
    """One symbol rises, one falls; each is told once."""
    _markets(600)
    _configure()
    with _session() as daemon:
        daemon.wait_for('scan-signal job=model symbol=UP direction=+1')
        daemon.wait_for('scan-signal job=model symbol=DOWN direction=-1')
        done = len([line for line in daemon.err if line and 'scan-done' in line])
        daemon.wait_for('scan-done', times=done + 3)
        daemon.stop()
    assert daemon.log.count('scan-signal job=model symbol=UP direction=+1') == 1, daemon.log
    assert daemon.log.count('code=fill') == 2  # the strategy's own, one for each symbol


def a_scan_after_a_restart_knows_the_bars_from_before():
    """Taken up again in the middle of a week without bars, after a crash and after a stop: the signals are known."""
    _markets(200)
    for path in ('up.csv', 'down.csv'):
        with open(path, encoding='ascii') as f:
            rows = f.read().splitlines()
        rows.append(rows[-1].replace('2024-01-02', '2024-01-09'))
        write(path, '\n'.join(rows) + '\n')
    _configure(every='1h')
    with _session(speed='60000') as daemon:
        daemon.wait_for('code=fill', times=2)
        time.sleep(0.5)  # the 200 minutes are a fifth of a second
        daemon.tell(signal.SIGKILL)
        daemon.end()
    for _ in range(2):
        with _session(speed='60') as daemon:
            line = daemon.wait_for('scan-done')
            assert 'symbols=2 failed=0 news=2' in line, daemon.log
            daemon.stop()


def programs_end_with_the_daemon():
    """At once, with what they have started."""
    _markets(600)
    write('slow.sh', '#!/bin/sh\nsleep 600 &\necho "$! $$"\nwait\n')
    os.chmod('slow.sh', 0o755)
    _configure(every='1h', more='    - {name: slow, every: 1h, run: "command: ./slow.sh"}\n')
    with _session(speed='1') as daemon:
        line = daemon.wait_for('job-output job=slow')
        pids = [int(word) for word in line.split('line="')[1].rstrip('"').split()]
        began = time.monotonic()
        daemon.stop()
        assert time.monotonic() - began < PATIENCE_S
    deadline = time.monotonic() + PATIENCE_S
    for pid in pids:  # the child's child is reaped by whoever adopts it
        while os.path.exists('/proc/%d' % pid) and _state(pid) != 'Z':
            assert time.monotonic() < deadline, 'process %d is still there' % pid
            time.sleep(0.02)


def _state(pid):
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii') as f:
            return f.read().rsplit(')', 1)[1].split()[0]
    except OSError:
        return 'Z'


if __name__ == '__main__':
    main(globals())
