"""The daemon's control interface as its users see it: requests, and listeners of both kinds of stream."""
import base64
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import daemon
from daemon import DUET, PATIENCE_S, duet, main, write  # noqa: F401


def wait_until(what, seconds=PATIENCE_S):
    """What it returns once that is true; what is awaited so long never comes."""
    deadline = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        assert time.monotonic() < deadline, 'waited in vain'
        time.sleep(0.02)


def bars(path, count):
    """A saw: up and down again in twenty minutes, so that averages cross all the time."""
    lines = ['time,open,high,low,close,volume']
    for i in range(count):
        price = 100 + (i % 20 if i % 20 < 10 else 20 - i % 20)
        stamp = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(1704067200 + 60 * i))
        lines.append('%s,%d,%d,%d,%d,1000' % (stamp, price, price + 1, price - 1, price))
    return write(path, '\n'.join(lines) + '\n')


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text

    @property
    def json(self):
        return json.loads(self.text)


class Daemon(daemon.Daemon):
    """A session over a file at `speed`, its interface on a free port. `options`: those of `duet live`."""

    def __init__(self, *options, speed=1200, count=20000):
        if not os.path.exists('bars.csv'):
            bars('bars.csv', count)
        super().__init__('--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=4', '--data', 'X=bars.csv',
                         '--log', 'info', '--session', 's.db', '--speed', speed, *options, api='127.0.0.1:0')
        self.port = int(re.search(r'port=(\d+)', self.wait_for('control-listening'))[1])
        with open('s.db.token') as file:
            self.token = file.read().strip()

    def ask(self, method, path, body=None, token=True, headers=None):
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE_S)
        shown = {'Authorization': 'Bearer ' + self.token} if token is True else \
                {'Authorization': 'Bearer ' + token} if token else {}
        shown.update(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection.request(method, path, body, shown)
        answer = connection.getresponse()
        got = Answer(answer.status, answer.headers, answer.read().decode())
        connection.close()
        return got

    def get(self, path):
        answer = self.ask('GET', path)
        assert answer.status == 200, (path, answer.status, answer.text)
        return answer.json

    def post(self, path, body=None):
        answer = self.ask('POST', path, body)
        assert answer.status in (200, 202), (path, answer.status, answer.text)
        return answer.json

    def ctl(self, *args):
        return duet('ctl', '--url', 'http://127.0.0.1:%d' % self.port, '--token-file', 's.db.token', *args)

    def watch(self):
        """`duet ctl watch` as a process, once it listens."""
        url = 'http://127.0.0.1:%d' % self.port
        process = subprocess.Popen([DUET, 'ctl', '--url', url, '--token-file', 's.db.token', 'watch'],
                                   stdout=subprocess.PIPE)
        wait_until(lambda: 'duet_broadcast_clients 1\n' in self.ask('GET', '/metrics').text)
        return process

    def status(self):
        return self.get('/api/v1/status')

    def kill(self):
        self.tell(signal.SIGKILL).end()

    def __exit__(self, *error):
        super().__exit__(*error)
        if error[0] is not None:
            sys.stderr.write(self.log[-4000:] + '\n')


class Events:
    """A listener of the server-sent events."""

    def __init__(self, daemon, path='/api/v1/events', receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(('127.0.0.1', daemon.port))
        self.socket.sendall(('GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n\r\n' % (
            path, daemon.port, daemon.token)).encode())
        self.file = self.socket.makefile('rb')
        head = []
        while True:
            line = self.file.readline().decode().strip()
            if not line:
                break
            head.append(line)
        assert ' 200 ' in head[0] + ' ', head
        self.head = head

    def message(self):
        """The next one, as (event, object)."""
        name = None
        while True:
            line = self.file.readline()
            assert line, 'the stream ended'
            line = line.decode().strip()
            if line.startswith('event:'):
                name = line[6:].strip()
            elif line.startswith('data:'):
                return name, json.loads(line[5:])

    def close(self):
        self.file.close()
        self.socket.close()


class WebSocket:
    """Enough of RFC 6455 to listen: text frames, pings answered, close."""

    def __init__(self, daemon):
        self.socket = socket.create_connection(('127.0.0.1', daemon.port), PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            'GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\nUpgrade: websocket\r\n'
            'Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n' % (
                daemon.port, daemon.token, key)).encode())
        self.file = self.socket.makefile('rb')
        self.status = self.file.readline().decode()
        while self.file.readline().strip():
            pass
        assert ' 101 ' in self.status, self.status

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        body = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + body)

    def message(self):
        while True:
            first, second = self.file.read(2)
            length = second & 127
            if length == 126:
                length, = struct.unpack('>H', self.file.read(2))
            elif length == 127:
                length, = struct.unpack('>Q', self.file.read(8))
            payload = self.file.read(length)
            if first & 15 == 9:
                self._send(10, payload)
            elif first & 15 == 1:
                return json.loads(payload)
            elif first & 15 == 8:
                raise EOFError('closed')

    def close(self):
        self.file.close()
        self.socket.close()
