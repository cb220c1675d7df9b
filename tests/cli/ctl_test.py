"""duet ctl against a scripted daemon: what is asked, what is shown to people, and the exit codes."""
import http.server
import json
import os
import pty
import subprocess
import threading

from cli import DUET, Skip, duet, main, write

TOKEN = '0123456789abcdef0123456789abcdef'


class Daemon:
    """Answers every request with what stands in `answers`, by method and path, and notes what it was asked."""

    def __init__(self, answers):
        outer = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                size = int(self.headers.get('Content-Length') or 0)
                outer.asked.append((self.command, self.path, self.headers.get('Authorization'),
                                    self.rfile.read(size).decode()))
                status, body = answers.get((self.command, self.path), (404, {'ok': False, 'error': {
                    'code': 'not_found', 'message': 'there is nothing at this path'}}))
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        write('token', TOKEN + '\n')
        os.chmod('token', 0o600)

    def ctl(self, *args):
        return duet('ctl', '--url', 'http://127.0.0.1:%d' % self.server.server_port, '--token-file', 'token', *args)


STATUS = {'ok': True, 'version': '0.1.0', 'pid': 4242, 'started': '2024-01-02T00:00:00Z', 'uptime_s': 3725.5,
          'time': '2024-01-02T03:04:05Z', 'strategy': 'sma_cross', 'broker': 'paper', 'real_money': False,
          'stopping': False, 'trading': 'REDUCING', 'trading_reason': 'restart', 'health': 'degraded',
          'feed': {'kind': 'file', 'over': False, 'stale': False, 'last_instant': '2024-01-02T03:04:00Z',
                   'age_s': 5.0},
          'gateway': None, 'cash': '98765.4321', 'equity': '1000000', 'gross': '1234.5', 'open_positions': 1,
          'working_orders': 2, 'in_doubt': 0}


def status_is_told_in_lines_that_people_read():
    """One fact a line, money grouped, the state with its reason; the token goes only into its header."""
    daemon = Daemon({('GET', '/api/v1/status'): (200, STATUS)})
    run = daemon.ctl('status')
    assert run.code == 0, run
    lines = dict(line.split(None, 1) for line in run.out.splitlines())
    assert lines['trading'] == 'REDUCING (restart)', run
    assert lines['health'] == 'degraded' and lines['strategy'] == 'sma_cross on paper', run
    assert lines['cash'] == '98,765.43' and lines['equity'] == '1,000,000.00', run
    assert lines['feed'] == 'file, last 2024-01-02 03:04:00, 5 s ago', run
    assert lines['orders'] == '2 working' and lines['up'] == '1 h 2 min, process 4242', run
    assert daemon.asked == [('GET', '/api/v1/status', 'Bearer ' + TOKEN, '')], daemon.asked
    assert TOKEN not in run.out + run.err


def json_is_what_the_daemon_said():
    """--json hands the answer through."""
    daemon = Daemon({('GET', '/api/v1/status'): (200, STATUS)})
    assert daemon.ctl('status', '--json').json() == STATUS


def orders_are_a_table():
    """Columns under their titles, numbers to the right, "-" for what is not there."""
    order = {'order_id': 7, 'client_id': 'live-7', 'symbol': 'AAPL', 'side': 'BUY', 'type': 'MARKET',
             'quantity': '10', 'filled': '0', 'price': None, 'stop_price': None, 'status': 'ACCEPTED',
             'reason_code': None, 'reason': 'sma', 'created': '2024-01-02T03:04:05.123Z'}
    other = dict(order, order_id=12, side='SELL', quantity='1000', price='101.25', type='LIMIT')
    daemon = Daemon({('GET', '/api/v1/orders?status=all'): (200, {
        'ok': True, 'orders': [other, order], 'count': 2, 'total': 5})})
    run = daemon.ctl('orders')
    assert run.code == 0, run
    lines = run.out.splitlines()
    assert lines[0].split() == ['id', 'created', 'symbol', 'side', 'type', 'quantity', 'filled', 'price', 'stop',
                                'status', 'why', 'reason'], run
    assert lines[1].split() == ['12', '2024-01-02', '03:04:05', 'AAPL', 'SELL', 'LIMIT', '1000', '0', '101.25', '-',
                                'ACCEPTED', '-', 'sma'], run
    assert lines[2].startswith(' 7  ') and lines[3] == '(newest 2 of 5)', run


def commands_send_their_reason_and_show_the_reply():
    """POST with the reason as JSON; what the core replies is printed, lists as tables."""
    daemon = Daemon({('POST', '/api/v1/flatten'): (200, {
        'command': 'flatten', 'closing': [{'symbol': 'AAPL', 'quantity': '5', 'order': 10}], 'ok': True,
        'trading': 'HALTED'})})
    run = daemon.ctl('flatten', '--reason', 'new "week"')
    assert run.code == 0, run
    assert run.out.splitlines()[0] == 'flatten: done', run
    assert 'trading             HALTED' in run.out and 'AAPL           5     10' in run.out, run
    assert daemon.asked[0][:2] == ('POST', '/api/v1/flatten')
    assert json.loads(daemon.asked[0][3]) == {'reason': 'new "week"'}


def arm_shows_account_targets_and_limits():
    """What is held against what is wanted; a limit of 0 is none; a cold strategy is named."""
    reply = {'account': {'cash': '1000', 'equity': '2000.5', 'gross': '1000.5', 'day_loss': '-3'}, 'command': 'arm',
             'in_doubt': 0, 'ok': True, 'positions': [
                 {'symbol': 'AAPL', 'quantity': '5', 'working': '0', 'target': 10.0, 'mark': '200.1',
                  'value': '1000.5', 'unrealized': '2'}],
             'limits': {'max_order_quantity': 0.0, 'max_position': 100.0, 'max_notional': '0',
                        'max_daily_loss': '2500'}, 'reason': 'api', 'trading': 'ACTIVE', 'warm_up_left': 3}
    run = Daemon({('POST', '/api/v1/arm'): (200, reply)}).ctl('arm')
    assert run.code == 0 and run.out.startswith('ACTIVE\n'), run
    rows = [line.split() for line in run.out.splitlines()]
    assert ['AAPL', '5', '10', '0', '200.1', '1,000.50', '2.00'] in rows, run
    assert ['one', 'order,', 'value', 'none'] in rows and ['position,', 'units', '100'] in rows, run
    assert ['loss', 'of', 'a', 'day', '2,500.00'] in rows and '3 more bars' in run.out, run


def refusals_are_one_line_and_exit_codes_tell_them_apart():
    """1: refused; 2: wrong token, wrong argument, unknown verb."""
    refused = {'ok': False, 'error': {'code': 'refused', 'message': 'halted: resume first'}}
    daemon = Daemon({('POST', '/api/v1/arm'): (409, refused), ('POST', '/api/v1/halt'): (401, refused)})
    run = daemon.ctl('arm')
    assert (run.code, run.out, run.err) == (1, '', 'duet: ctl arm: halted: resume first (HTTP 409)\n'), run
    assert daemon.ctl('halt').code == 2
    run = daemon.ctl('cancel', '7')
    assert run.code == 1 and 'there is nothing at this path (HTTP 404)' in run.err, run
    assert daemon.ctl('order', '../status').code == 2
    run = daemon.ctl('stauts')
    assert run.code == 2 and 'did you mean "status"?' in run.err, run
    assert len(daemon.asked) == 3, daemon.asked


def a_token_that_others_can_read_is_refused():
    """Before anything is sent; so is one that is not there."""
    daemon = Daemon({})
    os.chmod('token', 0o644)
    run = daemon.ctl('status')
    assert run.code == 2 and TOKEN not in run.err and daemon.asked == [], run
    os.remove('token')
    run = daemon.ctl('status')
    assert run.code == 2 and 'token' in run.err and daemon.asked == [], run


def the_only_token_here_is_found():
    """Without --token-file: the daemon's default, else the only one; never a guess between two."""
    daemon = Daemon({('GET', '/api/v1/status'): (200, STATUS)})
    url = 'http://127.0.0.1:%d' % daemon.server.server_port
    run = duet('ctl', '--url', url, 'status')
    assert run.code == 2 and '--token-file' in run.err, run
    for name in ('a.db.token', 'b.db.token', 'duet-session.db.token'):
        write(name, TOKEN)
        os.chmod(name, 0o600)
        assert duet('ctl', '--url', url, 'status').code == (2 if name == 'b.db.token' else 0), name


def what_adds_risk_is_asked_on_a_terminal():
    """Anything but "yes" is no; --yes asks nothing; without a terminal nobody is asked."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as why:
        raise Skip('needs a terminal: %s' % why) from None
    daemon = Daemon({('POST', '/api/v1/arm'): (200, {'ok': True, 'command': 'arm', 'trading': 'ACTIVE'})})

    def typed(word, *more):
        side, terminal = pty.openpty()
        process = subprocess.Popen([DUET, 'ctl', '--url', 'http://127.0.0.1:%d' % daemon.server.server_port,
                                    '--token-file', 'token', 'arm', *more], stdin=terminal, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        os.write(side, word.encode())
        out, err = process.communicate(timeout=60)
        os.close(side)
        os.close(terminal)
        return process.returncode, err.decode()
    code, err = typed('no\n')
    assert code == 1 and 'Type yes' in err and 'not done' in err and daemon.asked == [], err
    code, err = typed('yes\n')
    assert code == 0 and len(daemon.asked) == 1, err
    code, err = typed('', '--yes')
    assert code == 0 and err == '' and len(daemon.asked) == 2, err


def health_is_an_exit_code():
    """0 healthy, 1 not, with the issues."""
    answer = {'ok': True, 'healthy': True, 'status': 'healthy', 'issues': []}
    assert Daemon({('GET', '/api/v1/performance/health'): (200, answer)}).ctl('health').code == 0
    answer = {'ok': True, 'healthy': False, 'status': 'unhealthy', 'issues': [
        {'code': 'journal', 'text': 'journal: disk is full'}]}
    run = Daemon({('GET', '/api/v1/performance/health'): (200, answer)}).ctl('health')
    assert run.code == 1 and 'journal: disk is full' in run.out, run


def watch_shows_messages_until_the_stream_ends():
    """One line a message; comments and names of events are passed over."""
    fill = {'type': 'fill', 'sequence': 9, 'cause': 8, 'time': '2024-01-02T03:04:05Z', 'symbol': 'AAPL', 'side': 'BUY',
            'quantity': '10'}
    stream = ': hello\n\nevent: fill\ndata: %s\n\n' % json.dumps(fill)
    run = Daemon({('GET', '/api/v1/events'): (200, stream)}).ctl('watch')
    assert run.code == 0, run
    assert run.out == '2024-01-02 03:04:05  fill         symbol=AAPL side=BUY quantity=10\n', run


def nobody_there_is_one_line():
    """A closed port."""
    daemon = Daemon({})
    daemon.server.shutdown()
    daemon.server.server_close()
    run = daemon.ctl('status')
    assert run.code == 1 and run.err.count('\n') == 1, run


main(globals())
