"""The life of the daemon: up, running, told to stop or to read its configuration again, and down."""
import json
import os
import select
import signal
import socket
import sqlite3
import time

from daemon import PATIENCE_S, Daemon, Skip, duet, live, main, synth, write


def _gap(minutes, path='gap.csv'):
    """Two bars of a minute, a gap, five more: at speed 600 a tenth of a second each, and `minutes` / 10 seconds."""
    lines = ['time,open,high,low,close,volume']
    for i in range(7):
        at = 1704189600 + 60 * (i + (minutes if i >= 2 else 0))
        lines.append(time.strftime('%Y-%m-%d %H:%M:%S,100,101,99,100,1', time.gmtime(at)))
    return write(path, '\n'.join(lines) + '\n')


CLOCK_BACK = os.environ.get('DUET_CLOCK_BACK', '')
HOLD = ('--strategy', 'buy_and_hold', '--arm', '--session', 's.db')


def _holding(*args, minutes=600, **kw):
    """A session that holds a position, in the middle of a gap."""
    _gap(minutes)
    daemon = Daemon(*HOLD, '--data', 'X=gap.csv', '--speed', '600', *args, **kw)
    daemon.wait_for('code=fill')
    return daemon


def _meta(key, path='s.db'):
    database = sqlite3.connect('file:%s?mode=ro' % path, uri=True)
    try:
        row = database.execute('SELECT value FROM meta WHERE key = ?', (key,)).fetchone()
    finally:
        database.close()
    return row and row[0]


def a_stop_is_in_order_and_says_what_stays():
    """SIGTERM, and SIGINT: exit 0, a clean journal, the position named."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with _holding('--json') as daemon:
            daemon.tell(number)
            assert daemon.end() == 0, daemon.log
            assert 'stopping why=signal on_stop=leave' in daemon.log
            assert 'left-position symbol=X' in daemon.log
            assert daemon.json()['open_positions'] == 1
        assert _meta('clean') == '1'
        os.remove('s.db')


def a_second_signal_leaves_at_once_and_nothing_is_lost():
    """While it waits for a position to be closed. The next one recovers, as after a crash."""
    with _holding('--on-stop', 'flatten', '--stop-timeout-ms', '60000') as daemon:
        daemon.tell(signal.SIGTERM)
        daemon.wait_for('stopping')
        time.sleep(0.2)
        daemon.tell(signal.SIGTERM)
        assert daemon.end() == 1, daemon.log
        assert 'second signal' in daemon.log and 'ended' not in daemon.log
    assert _meta('clean') == '0'
    with Daemon(*HOLD, '--data', 'X=gap.csv', '--speed', '600', '--json') as daemon:
        line = daemon.wait_for('started')
        assert 'epoch=2' in line and 'recovered=crash' in line, line
        daemon.stop()
        assert daemon.json()['open_positions'] == 1


def a_stop_that_flattens_waits_for_the_market():
    """The closing order meets the next opening, three seconds away; until then the feed goes on."""
    with _holding('--on-stop', 'flatten', '--stop-timeout-ms', '60000', '--json', minutes=35) as daemon:
        daemon.stop()
        result = daemon.json()
        assert (result['open_positions'], result['working_orders'], result['trading']) == (0, 0, 'HALTED'), result
        assert 'left-' not in daemon.log


def a_stop_that_cannot_flatten_in_time_says_what_stays():
    """An hour to the next opening: the deadline comes first, and the exit code is still 0."""
    with _holding('--on-stop', 'flatten', '--stop-timeout-ms', '300') as daemon:
        daemon.stop()
        assert 'left-position symbol=X' in daemon.log and 'left-order' in daemon.log


def a_session_that_has_ended_stays_as_it_is():
    """Started again at the end of its file it ends at once, with the same decisions."""
    synth('x.csv', 500, 1)
    args = ('--strategy', 'sma_cross', '--arm', '--data', 'X=x.csv', '--speed', '0', '--json', '--session', 's.db')
    first, again = live(*args).json(), live(*args).json()
    assert again['epoch'] == 2
    for key in ('orders', 'fills', 'final_cash', 'final_equity', 'decision_hash'):
        assert first[key] == again[key], (key, first[key], again[key])


def what_cannot_be_is_refused_in_one_line():
    """Exit code 2 for configuration, 3 for data, and the line says where."""
    synth('x.csv', 50, 1)
    good = 'strategy: buy_and_hold\ndata: [X=x.csv]\n'
    cases = (
        (2, good + 'live:\n  sesion: a\n', 'run.yaml:4: unknown key "sesion" in live:; did you mean "session"?'),
        (2, good + 'live: {real_money: true}\n', '--real-money'),
        (2, good + 'live: {broker: gateway}\n', 'say gateway: HOST:PORT'),
        (2, good + 'live: {name: "a b"}\n', 'letters, digits'),
        (2, 'data: [X=x.csv]\n', 'no strategy'),
        (2, 'strategy: by_and_hold\ndata: [X=x.csv]\n', 'buy_and_hold'),
        (2, good.replace('x.csv', 'gateway'), 'feed: gateway'),
        (3, good.replace('x.csv', 'none.csv'), 'none.csv'),
        (3, good + 'from: 2030-01-01\n', 'no bars between'),
        (1, good + 'live: {session: none/s.db}\n', 'none/s.db'),
        (1, good + 'live: {log_file: none/d.log}\n', 'none/d.log'),
    )
    for code, text, part in cases:
        write('run.yaml', text)
        run = live('-c', 'run.yaml', '--log', 'error')
        assert run.code == code and run.out == '', run
        assert part in run.err and run.err.startswith('duet: ') and run.err.count('\n') == 1, (part, run)
    run = live('-c', 'run.yaml', env={'ASYNC_FEATURES_WORKERS': 'some'})
    assert run.code == 2 and run.err == ('duet: ASYNC_FEATURES_WORKERS: workers: "some" is not a whole number, '
                                         'auto-io or auto-cpu\n'), run


def a_journal_belongs_to_one_session():
    """Another strategy, other parameters, other data: exit 2. A second daemon at the same time: exit 1."""
    synth('x.csv', 50, 1)
    synth('y.csv', 50, 2)
    args = ('--session', 's.db', '--speed', '0', '--log', 'error')
    assert live('--strategy', 'sma_cross', '--data', 'X=x.csv', *args).code == 0
    for other in (('--strategy', 'trend', '--data', 'X=x.csv'),
                  ('--strategy', 'sma_cross', '--param', 'slow=30', '--data', 'X=x.csv'),
                  ('--strategy', 'sma_cross', '--data', 'Y=y.csv')):
        run = live(*other, *args)
        assert run.code == 2 and 's.db' in run.err and run.err.count('\n') == 1, run
    os.remove('s.db')
    with _holding() as daemon:
        run = live(*HOLD, '--data', 'X=gap.csv', '--log', 'error')
        assert run.code == 1 and 'locked by process %d' % daemon.process.pid in run.err, run
        daemon.stop()


RELOAD = """strategy: buy_and_hold
data: [X=gap.csv]
max_position: {limit}
commission: {commission}
log: {level}
live:
  session: s.db
  api: off
  speed: 600
  arm: true
  jobs:
{jobs}"""


def a_reload_takes_what_it_can_and_names_the_rest():
    """SIGHUP: limits, jobs and the log's level; the commission needs a restart; nonsense changes nothing."""
    _gap(600)
    jobs = '    - {name: %s, every: 1s, run: health}\n'
    text = dict(limit=5, commission='1bps', level='info', jobs=jobs % 'one')
    write('live.yaml', RELOAD.format(**text))
    with Daemon('-c', 'live.yaml') as daemon:
        daemon.wait_for('started')
        daemon.wait_for(' health trading=ACTIVE')
        write('live.yaml', RELOAD.format(**dict(text, limit=7, commission='2bps', jobs=jobs % 'two')))
        line = daemon.tell(signal.SIGHUP).wait_for('reloaded')
        assert line.endswith('changed: max_position, jobs; needs a restart: commission'), line
        write('live.yaml', RELOAD.format(**text) + '  nonsense: 1\n')
        line = daemon.tell(signal.SIGHUP).wait_for('reload-refused')
        write('live.yaml', RELOAD.format(**dict(text, limit=7, jobs=jobs % 'two', level='warn')))
        deadline = time.monotonic() + PATIENCE_S
        seen = len(daemon.log)
        daemon.tell(signal.SIGHUP)
        database = sqlite3.connect('file:s.db?mode=ro', uri=True)
        configs = database.execute("SELECT count(*) FROM inputs_view WHERE name = 'CONFIG'").fetchone()[0]
        database.close()
        assert configs == 1, configs
        while ' health ' in daemon.log[seen:] and time.monotonic() < deadline:
            seen = len(daemon.log)
            time.sleep(1.5)
        daemon.stop()
    assert duet('live', '-c', 'live.yaml', '--print-config').out.count('max_position: 7') == 1


def the_log_is_a_file_that_turns_over():
    """Objects, one a line; a reload begins a file anew that was moved away."""
    _gap(600)
    log = ('--log-file', 'd.log', '--log-format', 'json')
    with Daemon(*HOLD, '--data', 'X=gap.csv', '--speed', '600', *log) as daemon:
        deadline = time.monotonic() + PATIENCE_S
        while 'fill' not in (open('d.log').read() if os.path.exists('d.log') else ''):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.rename('d.log', 'd.old')
        daemon.tell(signal.SIGHUP)
        while not os.path.exists('d.log'):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        daemon.stop()
        assert daemon.err == [None], daemon.err
    lines = [json.loads(line) for path in ('d.old', 'd.log') for line in open(path)]
    ids = [line['id'] for line in lines]
    assert ids.index('started') < ids.index('stopping') and ids[-1] == 'ended', ids
    assert all(sorted(line) == ['id', 'level', 'text', 'time'] for line in lines)


def the_service_manager_hears_of_everything():
    """READY once the feed begins, signs of life at half of the grant, STOPPING."""
    _gap(600)
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind('notify')
    manager.settimeout(PATIENCE_S)
    env = {'NOTIFY_SOCKET': os.path.abspath('notify'), 'WATCHDOG_USEC': '200000'}
    with Daemon(*HOLD, '--data', 'X=gap.csv', '--speed', '600', env=env) as daemon:
        heard = [manager.recv(1000).decode()]
        while heard.count('WATCHDOG=1') < 4:
            heard.append(manager.recv(1000).decode())
        daemon.tell(signal.SIGTERM)
        while heard[-1] != 'STOPPING=1':
            heard.append(manager.recv(1000).decode())
        assert daemon.end() == 0
    assert 'READY=1\nSTATUS=running' in heard and heard[-1] == 'STOPPING=1', heard
    manager.close()


def a_wall_clock_that_is_put_back_holds_up_nothing():
    """By an hour: signs of life, the pace of the feed and the deadline of a stop go by time that only passes."""
    if not CLOCK_BACK:
        raise Skip('needs DUET_CLOCK_BACK')
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind('notify')
    manager.settimeout(PATIENCE_S)
    env = {'NOTIFY_SOCKET': os.path.abspath('notify'), 'WATCHDOG_USEC': '400000', 'LD_PRELOAD': CLOCK_BACK,
           'CLOCK_BACK': os.path.abspath('back'), 'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') +
           ':verify_asan_link_order=0'}
    with _holding('--on-stop', 'flatten', '--stop-timeout-ms', '500', env=env) as daemon:
        write('back', '')
        while len(select.select([manager], [], [], 0)[0]) > 0:
            manager.recv(1000)  # those of before
        for _ in range(4):
            assert manager.recv(1000) == b'WATCHDOG=1'
        daemon.tell(signal.SIGTERM)
        daemon.end()
        assert 'left-position symbol=X' in daemon.log, daemon.log
    manager.close()
    os.remove('s.db')
    os.remove('back')
    env.pop('NOTIFY_SOCKET')
    with _holding(minutes=20, env=env) as daemon:
        write('back', '')
        assert daemon.end() == 0 and 'the file is at its end' in daemon.log, daemon.log


def a_daemon_with_nothing_to_do_sleeps():
    """In a gap of the feed: fewer than 20 wake-ups a second, all threads together, and hardly any processor time."""
    def counts(pid):
        switches = ticks = 0
        for task in os.listdir('/proc/%d/task' % pid):
            with open('/proc/%d/task/%s/status' % (pid, task)) as f:
                switches += int([line for line in f if line.startswith('voluntary')][0].split()[1])
            with open('/proc/%d/task/%s/stat' % (pid, task)) as f:
                ticks += sum(map(int, f.read().rsplit(')', 1)[1].split()[11:13]))
        return switches, ticks

    with _holding(minutes=6000) as daemon:
        time.sleep(1)
        before, begun = counts(daemon.process.pid), time.monotonic()
        time.sleep(3)
        after, took = counts(daemon.process.pid), time.monotonic() - begun
        assert after[0] - before[0] < 20 * took, (before, after)
        assert after[1] - before[1] <= 3, (before, after) # of 300
        daemon.stop()


def jobs_run_on_their_grid():
    """A program without a shell, one that fails, and the figures."""
    _gap(600)
    write('note.sh', '#!/bin/sh\necho "$1" >> notes\n')
    os.chmod('note.sh', 0o755)
    write('live.yaml', RELOAD.format(limit=0, commission='1bps', level='info', jobs=(
        "    - {name: note, every: 300ms, run: \"command: ./note.sh 'a b'\"}\n"
        "    - {name: bad, every: 300ms, run: 'command: /bin/false'}\n"
        "    - {name: none, every: 300ms, run: 'command: ./nothing'}\n"
        "    - {name: figures, every: 300ms, run: health}\n")))
    with Daemon('-c', 'live.yaml') as daemon:
        daemon.wait_for(' health trading=', times=3)
        daemon.wait_for('job-failed job=bad why="/bin/false: exit code 1"')
        daemon.wait_for('job-failed job=none why="./nothing: No such file or directory"')
        deadline = time.monotonic() + PATIENCE_S
        while not os.path.exists('notes') or len(open('notes').readlines()) < 2:
            assert time.monotonic() < deadline, daemon.log
            time.sleep(0.02)
        daemon.stop()
    assert set(open('notes')) == {'a b\n'}


def a_gateway_that_does_not_answer_ends_the_start():
    """Nobody listens: exit 1, and the line says where and how long."""
    write('live.yaml', 'strategy: buy_and_hold\ndata: ["X=gateway,interval=1m,decimals=2"]\n'
          'live: {session: s.db, feed: gateway, gateway: "unix:./nobody", start_timeout_ms: 300}\n')
    run = live('-c', 'live.yaml', '--log', 'error')
    assert run.code == 1 and 'gateway unix:./nobody: no answer within 300 ms' in run.err, run


def duetd_is_the_same_program():
    """As a service starts it."""
    program = os.path.join(os.path.dirname(os.environ['DUET']), 'duetd')
    if not os.path.exists(program):
        raise Skip('needs duetd')
    _gap(600)
    with Daemon(*HOLD, '--data', 'X=gap.csv', '--speed', '600', program=[program]) as daemon:
        daemon.wait_for('code=fill')
        daemon.stop()


if __name__ == '__main__':
    main(globals())
