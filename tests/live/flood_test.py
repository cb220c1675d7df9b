"""A gateway that pushes quotes as fast as the socket takes them.

What Duet cannot take it drops: quotes only, each of them counted in its journal. Memory stays bounded, bars and reports
come through, the control interface answers, and the session ends in order and replays.
"""
import collections
import json
import os
import socket
import sqlite3
import struct
import threading
import time

from daemon import PATIENCE_S, PLUGINS, Daemon, main, write
from soak import Watch, anonymous_kib, verify

CHUNK, CHUNKS = 2000, 150  # quotes between two bars; bars
MINUTE = 60
BEGIN = 1704067200
MEMORY_KIB = 64 << 10  # 8192 ticks and buffers are 4 MiB; backlog without a bound would be all of 300,000 quotes
ENDS = ('filled', 'cancelled')


class Flood:
    """Enough of docs/gateway.md: welcomes, fills every order at once, and never waits for an ack."""

    def __init__(self, endless=False):
        self.endless = endless
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = '127.0.0.1:%d' % self.listener.getsockname()[1]
        self.quotes = self.bars = self.seq = self.acked = self.reports = 0
        self.submits = []
        self.begun, self.done, self.failed = threading.Event(), threading.Event(), None
        # Made beforehand, but for `seq`: Python is to be the faster side.
        self.quote = ''.join('{"type":"quote","seq":%%d,"symbol":"X","time":%d,"bid":"100.0%d","ask":"100.1%d"}\n' % (
            BEGIN * 10**9, i % 10, i % 10) for i in range(CHUNK))
        self.chunks = [self._chunk(i) for i in range(CHUNKS)]
        self.thread = threading.Thread(target=self._guard, daemon=True)
        self.thread.start()

    def _chunk(self, number):
        first = number * (CHUNK + 1) + 1
        time_ns = (BEGIN + number * MINUTE) * 10**9
        bar = '{"type":"bar","seq":%d,"symbol":"X","interval":60,"time":%d,"open":"100","high":"101","low":"99",' \
              '"close":"100","volume":"1"}\n' % (first + CHUNK, time_ns)
        return (self.quote % tuple(range(first, first + CHUNK)) + bar).encode()

    def _guard(self):
        try:
            self._serve()
        except OSError:
            pass  # the daemon has gone
        except Exception as error:  # noqa: shown by the test
            self.failed = error
        self.done.set()

    def _say(self, **message):
        self._send((json.dumps(message) + '\n').encode())

    def _send(self, data):
        with self.sending:  # whole lines
            self.connection.sendall(data)

    def _serve(self):
        self.connection, _ = self.listener.accept()
        self.sending = threading.Lock()
        for line in self.connection.makefile('rb'):
            message = json.loads(line)
            getattr(self, '_take_' + message['type'], lambda _: None)(message)

    def _take_hello(self, message):
        self._say(type='welcome', protocol=1, gateway='flood', roles=['feed', 'broker'], gives=['bars', 'quotes'],
                  epoch=message['epoch'], seq=1)

    def _take_query(self, message):
        if 'report' in message:
            self._say(type='snapshot_end', report=0)

    def _take_history(self, message):
        self._say(type='history_end', symbol=message['symbol'], interval=message['interval'])

    def _take_start(self, _):
        self._say(type='resumed', seq=0)
        threading.Thread(target=self._push, daemon=True).start()

    def _push(self):
        self.begun.set()
        try:
            while True:
                for chunk in self.chunks:
                    self._send(chunk)
                    self.quotes += CHUNK
                    self.bars += 1
                    self.seq += CHUNK + 1
                if not self.endless:
                    return
                base, self.seq = self.chunks[0].split(b'\n')[0], self.seq
                self._flood_on(base)
        except OSError:
            pass

    def _flood_on(self, line):
        head, tail = line.split(b'"seq":1,')
        while True:
            lines = b'%s"seq":%%d,%s\n' % (head, tail) * CHUNK
            self._send(lines % tuple(range(self.seq + 1, self.seq + CHUNK + 1)))
            self.seq += CHUNK
            self.quotes += CHUNK

    def _report(self, **message):
        self.reports += 1
        self._say(report=self.reports, time=time.time_ns(), **message)

    def _take_submit(self, message):
        self.submits.append(message['id'])
        order = {'id': message['id'], 'symbol': 'X', 'side': message['side']}
        self._report(type='order', status='accepted', cumulative='0', **order)
        self._report(type='fill', fill_id='f%d' % len(self.submits), quantity=message['quantity'], price='100',
                     cumulative=message['quantity'], **order)
        self._report(type='order', status='filled', cumulative=message['quantity'], **order)

    def _take_ack(self, message):
        self.acked = message['seq']


def configure(flood):
    write('live.yaml', """
strategy: %s
cash: 1000000
data:
  - X=gateway,interval=1m,decimals=2
live: {session: s.db, name: flood, feed: gateway, broker: gateway, gateway: "%s", arm: true, stale_ms: 600000,
  snapshot_s: 1}
""" % (os.path.join(PLUGINS, 'ticker.so'), flood.address))


def start():
    env = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1'}
    return Daemon('-c', 'live.yaml', api='127.0.0.1:0', env=env)


def inputs():
    # How many of each kind the journal has, and what was dropped of what.
    db = sqlite3.connect('file:s.db?mode=ro', uri=True)
    counts = dict(db.execute('SELECT name, count(*) FROM inputs JOIN input_kinds USING (kind) GROUP BY name'))
    dropped = collections.Counter()
    for (payload,) in db.execute("SELECT bytes FROM inputs JOIN input_kinds USING (kind) WHERE name = 'DROPPED'"):
        count, what = struct.unpack('<Q32s', payload)
        dropped[what.rstrip(b'\0').decode()] += count
    fills, = db.execute('SELECT count(*) FROM fills').fetchone()
    ended, = db.execute("SELECT count(*) FROM orders WHERE status = 'FILLED'").fetchone()
    db.close()
    return counts, dropped, fills, ended


def drops_quotes_counts_each_and_loses_nothing_else():
    """300,000 quotes at once, and a bar after every 2,000."""
    flood = Flood()
    configure(flood)
    with start() as daemon:
        watch = Watch(daemon, 's.db')
        assert flood.begun.wait(PATIENCE_S), daemon.log
        memory, answers, end = [], 0, time.monotonic() + 3 * PATIENCE_S
        while flood.acked < CHUNKS * (CHUNK + 1):  # the last is a bar
            assert time.monotonic() < end and flood.failed is None, (flood.acked, flood.failed, daemon.log)
            answers += watch.get('/api/v1/session')['inputs'] > 0
            memory.append(anonymous_kib(watch.pid))
            time.sleep(0.02)
        while watch.get('/api/v1/session')['waiting'] or not inputs()[3] == CHUNKS:  # the last order's reports
            assert time.monotonic() < end, (inputs(), daemon.log)
            time.sleep(0.02)
        told = watch.get('/api/v1/session')['dropped']
        daemon.stop()
    counts, dropped, fills, ended = inputs()
    assert flood.quotes == CHUNK * CHUNKS and flood.bars == CHUNKS
    assert set(dropped) == {'quote'} and told == dropped['quote'], (dropped, told)
    assert counts['QUOTE'] + dropped['quote'] == flood.quotes, (counts, dropped, flood.quotes)
    assert counts['INSTANT'] == CHUNKS and counts['REPORT'] == flood.reports == 3 * CHUNKS, (counts, flood.reports)
    assert fills == ended == len(set(flood.submits)) == len(flood.submits) == CHUNKS, (fills, ended, flood.submits)
    assert answers > 3 and max(memory) - min(memory) < MEMORY_KIB, (answers, memory)
    print('         %d of %d quotes dropped, in %d records; memory %d to %d KiB' % (
        dropped['quote'], flood.quotes, counts['DROPPED'], min(memory), max(memory)))
    verify()


def stops_in_order_in_the_middle_of_a_flood():
    """SIGTERM while more comes than it can take."""
    flood = Flood(endless=True)
    configure(flood)
    with start() as daemon:
        watch = Watch(daemon, 's.db')
        end = time.monotonic() + PATIENCE_S
        while watch.get('/api/v1/session')['dropped'] == 0:
            assert time.monotonic() < end, daemon.log
            time.sleep(0.02)
        daemon.stop()
    counts, dropped, _, _ = inputs()
    assert counts['STOP'] == 1 and dropped['quote'] > 0, (counts, dropped)
    verify()


if __name__ == '__main__':
    main(globals())
