"""The gateway peer by itself, spoken to over its socket by a client that knows docs/gateway.md."""
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
import cli  # noqa: E402
from market import SECOND, Bar, Series  # noqa: E402
from peer import Peer  # noqa: E402

MINUTE = 60 * SECOND


class Client:
    def __init__(self, address, epoch=1, session='s', roles=('feed', 'broker'), hello=True, **more):
        if address.startswith('unix:'):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(address[5:])
        else:
            host, port = address.rsplit(':', 1)
            self.sock = socket.create_connection((host, int(port)))
        self.sock.settimeout(30)
        self.file = self.sock.makefile('rb')
        if hello:
            self.say(type='hello', protocol=1, session=session, epoch=epoch, roles=list(roles), feed_sequence=0, **more)

    def say(self, **message):
        self.sock.sendall(json.dumps(message).encode() + b'\n')

    def hear(self, *kinds):
        # The next message of these kinds, or of any but heartbeats; None at the end.
        while True:
            try:
                line = self.file.readline()
            except ConnectionError:
                line = b''
            if not line:
                return None
            message = json.loads(line)
            if message['type'] in kinds if kinds else message['type'] != 'heartbeat':
                return message

    def hear_until(self, kind):
        heard = [self.hear()]
        while heard[-1] is not None and heard[-1]['type'] != kind:
            heard.append(self.hear())
        return heard

    def reconcile(self, report=0):
        self.say(type='query', report=report)
        return self.hear_until('snapshot_end')

    def feed(self, *series, after=None):
        for symbol, interval in series:
            self.say(type='subscribe', symbol=symbol, interval=interval)
        self.say(type='start', **({} if after is None else {'after': after}))
        self.hear('resumed') if after is None else None
        self.say(type='ack', seq=after or 0)

    def submit(self, order_id, side='buy', quantity='10', order_type='market', **more):
        self.say(type='submit', id=order_id, symbol='A', side=side, order_type=order_type, quantity=quantity,
                 time_in_force='gtc', **more)

    def close(self):
        self.sock.close()
        self.file.close()


def bars(count=5, symbol='A', interval=MINUTE):
    # Bar i opens at 100 + i, reaches one above and one below, and closes there.
    return Series(symbol, interval, [Bar(i * interval, [Decimal(100 + i), Decimal(101 + i), Decimal(99 + i),
                                                        Decimal(100 + i)], Decimal(1)) for i in range(count)])


def peer_with(series=None, **options):
    return Peer('127.0.0.1:0', 'peer.db', [bars()] if series is None else series, **options).start()


def ready(peer, **hello):
    client = Client(peer.address, **hello)
    assert client.hear()['type'] == 'welcome'
    client.reconcile()
    return client


def an_older_epoch_is_refused_and_a_newer_one_ends_the_connection():
    """Also after the peer was started again; sessions are apart."""
    peer = peer_with()
    first = Client(peer.address, epoch=5)
    assert first.hear()['type'] == 'welcome'
    second = Client(peer.address, epoch=5)
    assert second.hear()['reason'] == 'epoch' and second.hear() is None
    third = Client(peer.address, epoch=6)
    assert third.hear()['epoch'] == 6
    assert first.hear() is None
    other = Client(peer.address, epoch=1, session='another')
    assert other.hear()['type'] == 'welcome'
    peer.stop()
    again = peer_with()  # remembered over a restart of the peer
    late = Client(again.address, epoch=6)
    assert late.hear() == {'type': 'refused', 'reason': 'epoch', 'epoch': 6, 'text': 'refused: epoch'}
    again.stop()


def a_wrong_protocol_or_token_is_refused():
    """And whatever comes before the hello."""
    peer = peer_with(token='secret')
    assert Client(peer.address).hear()['reason'] == 'token'
    assert Client(peer.address, token='secret').hear()['type'] == 'welcome'
    client = Client(peer.address, hello=False)
    client.say(type='hello', protocol=2, session='s', epoch=9, roles=[])
    assert client.hear()['reason'] == 'protocol'
    client = Client(peer.address, hello=False)
    client.say(type='query', report=0)
    assert client.hear()['reason'] == 'session'
    peer.stop()


def a_market_order_meets_the_opening_at_the_close_it_was_sent_on():
    """The rule of the paper venue."""
    peer = peer_with(steps=0)
    client = ready(peer)
    client.feed(('A', 60))
    peer.step()  # only an opening
    assert client.hear()['type'] == 'opening'
    client.say(type='ack', seq=1)
    peer.step()
    bar = client.hear()
    assert (bar['type'], bar['seq'], bar['time'], bar['close']) == ('bar', 2, 0, '100')
    client.submit('s-1')
    assert client.hear()['status'] == 'accepted'
    client.say(type='ack', seq=2)
    fill = client.hear()
    assert (fill['type'], fill['price'], fill['quantity'], fill['cumulative']) == ('fill', '101', '10', '10')
    assert client.hear()['status'] == 'filled'
    assert client.hear()['type'] == 'opening'
    assert peer.books('s')['positions'] == {'A': Decimal(10)}
    peer.stop()


def limits_and_stops_fill_on_touch_and_not_before():
    """Only in bars that opened after the order came."""
    peer = peer_with(steps=0)
    client = ready(peer)
    client.feed(('A', 60))
    peer.step()
    client.hear('opening')
    client.submit('s-1', 'sell', order_type='limit', price='102')
    client.submit('s-2', 'buy', order_type='stop', stop_price='103')
    client.say(type='ack', seq=1)
    fills = []
    peer.run()
    while len(fills) < 2:
        message = client.hear()
        if message['type'] == 'fill':
            fills.append((message['id'], message['price'], message['time'] // MINUTE))
        elif 'seq' in message:
            client.say(type='ack', seq=message['seq'])
    # Sent after bar 0 had opened: bar 0 is not for them. Bar 1 (101, up to 102) is, then bar 2 (102, up to 103).
    assert fills == [('s-1', '102', 2), ('s-2', '103', 3)], fills
    peer.stop()


def an_id_is_acted_upon_once():
    """Whatever became of it."""
    peer = peer_with(steps=0)
    client = ready(peer)
    client.submit('s-1')
    client.submit('s-1')
    client.submit('s-1', quantity='11')
    assert [client.hear()['status'] for _ in range(2)] == ['accepted', 'accepted']
    assert client.hear()['type'] == 'error'
    assert client.hear()['status'] == 'accepted'
    assert len(peer.books('s')['orders']) == 1
    client.say(type='cancel', id='s-1')
    assert client.hear()['status'] == 'cancelled'
    client.submit('s-1')
    assert client.hear()['status'] == 'cancelled'
    client.say(type='query', id='s-9')
    assert client.hear() == {'type': 'order', 'id': 's-9', 'status': 'unknown'}
    peer.stop()


def a_query_tells_reports_since_open_orders_and_positions():
    """One picture, ended by snapshot_end."""
    peer = peer_with()
    client = ready(peer)
    client.feed(('A', 60))
    client.submit('s-1')
    client.submit('s-2', order_type='limit', price='1')
    reports = []
    while len(reports) < 4:
        message = client.hear()
        reports += [message] if 'report' in message else []
        if 'seq' in message:
            client.say(type='ack', seq=message['seq'])
    client.close()
    assert [r['report'] for r in reports] == [1, 2, 3, 4]
    client = Client(peer.address, epoch=2)
    client.hear()
    heard = client.reconcile(2)
    assert heard[:2] == reports[2:]
    assert [(m['type'], m.get('id'), m.get('status')) for m in heard[2:]] == [
        ('order', 's-2', 'accepted'), ('position', None, None), ('snapshot_end', None, None)]
    assert heard[3]['quantity'] == '10' and heard[4]['report'] == 4
    peer.stop()


def the_feed_resumes_after_what_was_had_and_says_what_is_gone():
    """What is gone comes as history."""
    peer = peer_with(keep=4)
    client = ready(peer)
    client.feed(('A', 60))
    for seq in range(1, 7):
        assert client.hear('bar', 'opening')['seq'] == seq
        client.say(type='ack', seq=seq)
    client.close()
    peer.pause()
    client = Client(peer.address, epoch=2)
    welcome = client.hear()
    oldest = welcome['seq']
    client.feed(('A', 60), after=oldest)
    heard = client.hear_until('resumed')
    assert [m['seq'] for m in heard] == list(range(oldest + 1, heard[-1]['seq'] + 1)) + [heard[-1]['seq']]
    client.say(type='history', symbol='A', interval=60, to=1 << 62, last=2)
    heard = client.hear_until('history_end')
    assert len(heard) == 3 and all(m['history'] for m in heard[:2])
    peer.stop()


def only_what_was_subscribed_comes():
    """In the order of seq."""
    peer = peer_with([bars(), bars(symbol='B'), bars(2, interval=2 * MINUTE)], ticks=4, free=True)
    client = ready(peer)
    client.say(type='subscribe', symbol='B', trades=True)
    client.feed(('A', 120))
    heard = []
    while len(heard) < 24:
        heard.append(client.hear('bar', 'opening', 'trade', 'quote'))
    assert {(m['type'], m['symbol']) for m in heard} == {('trade', 'B'), ('bar', 'A'), ('opening', 'A')}
    assert {m.get('interval') for m in heard if m['symbol'] == 'A'} == {120}
    assert [m['seq'] for m in heard] == sorted(m['seq'] for m in heard)
    peer.stop()


def faults_do_what_they_are_named_after():
    """Each at its own message."""
    peer = peer_with(steps=0, faults=['submit#1:drop_before', 'submit#2:drop_after', 'query#4:position=3'])
    client = ready(peer)
    client.submit('s-1')
    assert client.hear() is None
    assert peer.books('s')['orders'] == {}
    client = ready(peer, epoch=2)
    client.submit('s-1')
    assert client.hear() is None
    assert list(peer.books('s')['orders']) == ['s-1']
    client = Client(peer.address, epoch=3)
    client.hear()
    assert [m['type'] for m in client.reconcile()] == ['order', 'order', 'snapshot_end']
    for rule in ('order#1:reorder', 'fill#1:duplicate', 'submit#1:partial=2', 'submit#2:overfill=5', 'order#2:garbage'):
        peer.fault(rule)
    client.submit('s-2')
    client.submit('s-3')
    client.say(type='heartbeat')
    line = client.file.readline()
    assert line == b'\xff{"]\n', line
    assert [client.hear()['id'] for _ in range(2)] == ['s-3', 's-2']
    client.feed(('A', 60))
    peer.step(2)
    heard = []
    while len([m for m in heard if m['type'] == 'fill']) < 5:
        heard.append(client.hear())
        if 'seq' in heard[-1]:
            client.say(type='ack', seq=heard[-1]['seq'])
    fills = [(m['id'], m['quantity']) for m in heard if m['type'] == 'fill']
    assert fills == [('s-1', '10'), ('s-1', '10'), ('s-2', '5'), ('s-3', '15'), ('s-2', '5')], fills
    assert peer.books('s')['positions'] == {'A': Decimal(35)}
    peer.stop()


def the_record_outlives_a_kill():
    """Nothing is told that is not on disk."""
    here = os.path.dirname(os.path.abspath(__file__))
    args = [sys.executable, os.path.join(here, 'peer.py'), '--listen', 'unix:peer.sock', '--record', 'peer.db',
            '--bars', 'A=50,seed=7', '--steps', '3']
    process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = process.stdout.readline().split()[1]
    client = Client(address)
    client.hear()
    client.reconcile()
    client.submit('s-1')
    client.feed(('A', 60))
    while True:
        message = client.hear()
        if message['type'] == 'fill':
            break
        if 'seq' in message:
            client.say(type='ack', seq=message['seq'])
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = process.stdout.readline().split()[1]
    client = Client(address, epoch=2)
    assert client.hear()['type'] == 'welcome'
    told = [m for m in client.reconcile() if m['type'] == 'fill']
    assert [m['fill_id'] for m in told] == [message['fill_id']]
    process.stdin.write('books\nquit\n')
    process.stdin.flush()
    books = json.loads(process.stdout.readline())
    assert books['s']['positions'] == {'A': '10'}, books
    assert process.wait(30) == 0
    process.stdin.close()
    process.stdout.close()


def silence_ends_a_connection():
    """Three heartbeats long."""
    peer = peer_with()
    client = Client(peer.address, heartbeat_ms=100)
    client.hear()
    begun = time.monotonic()
    assert client.hear() is None
    assert time.monotonic() - begun > 0.25
    peer.stop()


def what_is_no_message_is_answered_and_nothing_breaks():
    """A line that never ends closes the connection."""
    peer = peer_with()
    client = ready(peer)
    for line in (b'{"type":"submit"}', b'nonsense', b'[]', b'{"type":5}', b'{"type":"cancel","id":[1]}', b'\xff\xfe'):
        client.sock.sendall(line + b'\n')
    client.say(type='query', id='s-1')
    heard = client.hear_until('order')
    assert heard[-1]['status'] == 'unknown', heard
    client.sock.sendall(b'x' * (1 << 17))
    assert client.hear() is None
    peer.stop()


cli.main(globals())
