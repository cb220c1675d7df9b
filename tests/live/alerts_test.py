"""Alerts of the real daemon: by a command on its standard input, and by POST; merged, bounded, and never in the way."""
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schema import TIME, check, one_of, positive  # noqa: E402
from serving import Daemon, main, wait_until, write  # noqa: E402

ALERT = {'code': one_of('fill', 'denial', 'stale', 'halt', 'restart', 'mismatch', 'ruin', 'success', 'lag', 'queue',
                        'throughput', 'broker', 'journal', 'supervisor'),
         'text': str, 'time': TIME, 'session': str, 'count': positive}


def _told(path='told'):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file.read().split('\n')[:-1]]


def _counts(daemon, name):
    for line in daemon.ask('GET', '/metrics').text.split('\n'):
        if line.startswith(name + ' '):
            return float(line.split()[1])
    raise AssertionError(name)


def a_command_gets_each_alert_on_its_input():
    """One JSON object a call, without a shell; a halt says who and why."""
    write('note.sh', '#!/bin/sh\n(cat; echo) >> told\n')
    os.chmod('note.sh', 0o755)
    with Daemon('--alert-command', './note.sh "$HOME; exit 1"', speed=0.001) as daemon:
        daemon.post('/api/v1/halt', {'reason': 'fat "finger"'})
        wait_until(_told)
        daemon.stop()
    alerts = _told()
    check(alerts, [ALERT])
    assert alerts[0]['code'] == 'halt' and 'fat "finger"' in alerts[0]['text'] and alerts[0]['session'] == 's', alerts


def what_comes_too_fast_is_counted_into_the_next():
    """No alert is lost from the count, and far fewer commands run than alerts were raised."""
    write('note.sh', '#!/bin/sh\n(cat; echo) >> told\n')
    os.chmod('note.sh', 0o755)
    with Daemon('--alert-command', './note.sh', speed=12000, count=200000) as daemon:
        wait_until(lambda: sum(one['count'] for one in _told() if one['code'] == 'denial') >= 20)
        raised = _counts(daemon, 'duet_alerts_total')
        calls = [one for one in _told() if one['code'] == 'denial']
        daemon.stop()
    assert len(calls) < 12 and sum(one['count'] for one in calls) <= raised, (len(calls), raised)
    assert any(one['count'] > 1 for one in calls), calls


def an_alert_is_posted():
    """As JSON, to the address that was given, whose path no log ever has."""
    got = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, json.loads(self.rfile.read(int(self.headers['Content-Length'])))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = 'http://127.0.0.1:%d/hook/secret-path' % server.server_port
    with Daemon('--alert-url', url, speed=0.001) as daemon:
        daemon.post('/api/v1/halt', {'reason': 'post'})
        wait_until(lambda: got)
        server.shutdown()
        server.server_close()
        daemon.post('/api/v1/resume')
        daemon.post('/api/v1/halt', {'reason': 'nobody there'})
        daemon.wait_for('alert-failed')
        assert _counts(daemon, 'duet_alerts_failed_total') == 1
        daemon.stop()
        assert 'secret-path' not in daemon.log
    assert got[0][0] == '/hook/secret-path'
    check(got[0][1], ALERT)


def one_that_fails_or_hangs_is_only_logged():
    """The session goes on, and a stop does not wait for it."""
    with Daemon('--alert-command', 'sleep 300', speed=0.001) as daemon:
        daemon.post('/api/v1/halt')
        assert daemon.status()['trading'] == 'HALTED'
        daemon.stop()
    with Daemon('--alert-command', './not-there', speed=0.001) as daemon:
        daemon.post('/api/v1/halt')
        assert 'No such file' in daemon.wait_for('alert-failed')
        daemon.stop()
    with Daemon('--alert-command', 'false', speed=0.001) as daemon:
        daemon.post('/api/v1/halt')
        assert 'exit code 1' in daemon.wait_for('alert-failed')
        daemon.stop()


main(globals())
