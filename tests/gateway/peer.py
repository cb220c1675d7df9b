#!/usr/bin/env python3
"""A small stand-alone gateway with a durable record of its own: the other side of Duet's tests.

It speaks the protocol of docs/gateway.md, written from that page and from nothing else. Feed and broker are one process
with one record (an SQLite file, synced before anything is told), so that its books are the truth that Duet's are
compared with, whatever was killed when.

    python3 tests/gateway/peer.py --listen unix:/run/peer.sock --record peer.db --data SPY=spy.csv
    python3 tests/gateway/peer.py --listen 127.0.0.1:0 --record peer.db --bars SPY=500 --fault submit#2:drop_after

It prints one line, "listening ADDRESS", when it is ready. Options:

    --listen ADDRESS      127.0.0.1:PORT (0: any) or unix:PATH
    --record FILE         made where it is missing; else gone on with
    --data SYMBOL=PATH[,interval=SECONDS]       bars of a CSV file (60 s)
    --bars SYMBOL=COUNT[,interval=SECONDS][,seed=N]     bars made up; the same for the same seed
    --history N           the first N instants are history from the start
    --pace SECONDS        between two instants (0)
    --free                do not wait for acks: Duet may fall behind
    --steps N             so many instants, then wait for commands; default all
    --ticks N             N trades and quotes per bar as well;  --no-bars: nothing but those;  --no-openings
    --keep N              feed messages that can be sent again (all)
    --commission RATE     of the value of a fill (0)
    --heartbeat SECONDS   (1)    --token TEXT       --fault RULE    see faults.py; may be repeated

Commands on standard input, one a line: "step N", "run", "pause", "fault RULE", "drop", "books", "quit". "books" prints
one line of JSON. End of input is no command.

The feed begins with the first "start". Unless --free, an instant waits until all that was sent has been acknowledged,
so each order meets the very price that it would have met in a backtest: sent on the close of a bar, it fills at the
opening at that instant. Limits and stops fill on touch. There is no cash here, and no slippage.

As a module: Peer(...) with start(), step(), run(), pause(), fault(), drop(), books(), wait(); see tests/live.
"""
import argparse
import hmac
import json
import os
import queue
import selectors
import socket
import sqlite3
import sys
import threading
import time
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from faults import Faults  # noqa: E402
from market import SECOND, Market, Series, instant_ns  # noqa: E402
from record import ENDED, Record  # noqa: E402

LINE_MAX = 1 << 16
REPORTS = ('order', 'fill')


class Connection:
    def __init__(self, sock):
        self.sock, self.input, self.output = sock, b'', b''
        self.session, self.roles, self.silence_s, self.heartbeat = None, (), 30.0, 1.0
        self.series, self.trades, self.quotes = set(), set(), set()
        self.live = self.reconciled = False  # the feed flows; reports flow
        self.sent_seq, self.acked = 0, None
        self.held_until = 0.0
        self.later = []  # reports that are told after the next
        self.mute = self.dead = self.closing = False
        self.heard = self.spoke = time.monotonic()

    def wants(self, message):
        kind, symbol = message['type'], message['symbol']
        if kind == 'trade':
            return symbol in self.trades
        if kind == 'quote':
            return symbol in self.quotes
        return (symbol, int(Decimal(str(message['interval'])) * SECOND)) in self.series


class Peer:
    def __init__(self, listen, record, series=(), commission=Decimal(0), ticks=0, bars=True, openings=True, history=0,
                 pace=0.0, free=False, steps=None, keep=None, heartbeat=1.0, token=None, faults=()):
        self.market = Market(list(series), Decimal(commission), ticks)
        self.record_path, self.record = record, None
        self.bars, self.openings, self.history = bars, openings, history
        self.pace, self.free, self.steps, self.keep = pace, free, steps, keep
        self.heartbeat, self.token, self.faults = heartbeat, token, Faults(faults)
        self.connections, self.listener, self.address = [], None, None
        self.started = self.stopping = False
        self.next_step = 0.0
        self.late_fills, self.typed = [], ''
        self.commands, self.wakers = queue.Queue(), socket.socketpair()
        self.thread = None
        self.submits = {}  # how often each id came, over the life of this process
        self.hellos, self.asked = [], []  # as they came; ids asked for
        self.acked = 0  # the highest seq that was acknowledged, over the life of this process
        self._listen(listen)

    # ------------------------------------------------------------------------------------------- as a module

    def start(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def do(self, action):
        """Run `action` where the peer runs and give back what it gives."""
        if self.thread is None or not self.thread.is_alive():
            return action()
        answer = queue.Queue()
        self.commands.put((action, answer))
        self.wakers[1].send(b'.')
        result = answer.get(timeout=60)
        if isinstance(result, BaseException):
            raise result
        return result

    def step(self, count=1):
        """Let so many more instants come."""
        self.do(lambda: setattr(self, 'steps', (self.steps or 0) + count))

    def run(self):
        self.do(lambda: setattr(self, 'steps', None))

    def pause(self):
        self.do(lambda: setattr(self, 'steps', 0))

    def fault(self, rule):
        self.do(lambda: self.faults.add(rule))

    def drop(self):
        """Close every connection."""
        self.do(lambda: [self.close(c) for c in list(self.connections)])

    def books(self, session):
        return self.do(lambda: self.record.books(session))

    def is_done(self):
        """All instants have come, and all was acknowledged."""
        return self.record.mark('instant') >= len(self.market.times) and self.is_acked()

    def wait(self, condition, seconds=60.0):
        """Until condition() is true where the peer runs; AssertionError after that time."""
        end = time.monotonic() + seconds
        while not self.do(condition):
            assert time.monotonic() < end, 'nothing came of it in %g s' % seconds
            time.sleep(0.01)

    def wait_done(self, seconds=60.0):
        self.wait(self.is_done, seconds)

    def stop(self):
        if self.thread is not None and self.thread.is_alive():
            self.commands.put((lambda: setattr(self, 'stopping', True), queue.Queue()))
            self.wakers[1].send(b'.')
            self.thread.join(30)

    # ------------------------------------------------------------------------------------------------- sockets

    def _listen(self, address):
        if address.startswith('unix:'):
            path = address[5:]
            if os.path.exists(path):
                os.unlink(path)
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.listener.bind(path)
            self.address = address
        else:
            host, port = address.rsplit(':', 1)
            self.listener = socket.create_server((host, int(port)))
            self.address = '%s:%d' % (host, self.listener.getsockname()[1])
        self.listener.listen(8)
        self.listener.setblocking(False)

    def serve(self, console=None):
        self.record = Record(self.record_path)
        if self.history and self.record.mark('instant') == 0 and self.history <= len(self.market.times):
            with self.record.durable():
                self.record.set_mark('instant', self.history)
                self.record.set_mark('now', self.market.times[self.history - 1])
        while not self.stopping:
            with selectors.DefaultSelector() as selector:  # few sockets: made anew each time, and never stale
                selector.register(self.listener, selectors.EVENT_READ, 'listener')
                selector.register(self.wakers[0], selectors.EVENT_READ, 'command')
                if console is not None:
                    selector.register(console, selectors.EVENT_READ, 'console')
                for connection in self.connections:
                    if not connection.dead:
                        wanted = connection.output and time.monotonic() >= connection.held_until
                        selector.register(connection.sock, selectors.EVENT_READ | (
                            selectors.EVENT_WRITE if wanted else 0), connection)
                for key, events in selector.select(self.patience()):
                    if key.data == 'listener':
                        self.accept()
                    elif key.data == 'command':
                        self.obey()
                    elif key.data == 'console':
                        if not self.read_console(console):
                            console = None
                    elif key.data in self.connections:
                        self.attend(key.data, events)
            self.tick()
        for connection in list(self.connections):
            self.close(connection)
        self.listener.close()
        self.record.close()

    def patience(self):
        if self.can_step():
            return max(0.0, self.next_step - time.monotonic())
        return 0.05

    def accept(self):
        sock, _ = self.listener.accept()
        sock.setblocking(False)
        self.connections.append(Connection(sock))

    def close(self, connection):
        if connection in self.connections:
            self.connections.remove(connection)
            connection.sock.close()

    def obey(self):
        self.wakers[0].recv(4096)
        while not self.commands.empty():
            action, answer = self.commands.get()
            try:
                answer.put(action())
            except Exception as error:  # given to whoever asked
                answer.put(error)

    def read_console(self, console):
        data = os.read(console.fileno(), 4096).decode()
        *lines, self.typed = (self.typed + data).split('\n')
        for line in lines:
            self.command(line)
        return bool(data)

    def command(self, line):
        word, _, rest = line.strip().partition(' ')
        if word == 'step':
            self.steps = (self.steps or 0) + int(rest or 1)
        elif word == 'run':
            self.steps = None
        elif word == 'pause':
            self.steps = 0
        elif word == 'fault':
            self.faults.add(rest)
        elif word == 'drop':
            for connection in list(self.connections):
                self.close(connection)
        elif word == 'books':
            print(json.dumps({row['name']: self.record.books(row['name']) for row in self.record.all(
                'select name from session')}, default=str), flush=True)
        elif word == 'quit':
            self.stopping = True

    def attend(self, connection, events):
        try:
            if events & selectors.EVENT_READ:
                data = connection.sock.recv(65536)
                if not data:
                    self.close(connection)
                    return
                connection.heard = time.monotonic()
                connection.input += data
            while b'\n' in connection.input and connection in self.connections and not connection.dead:
                line, connection.input = connection.input.split(b'\n', 1)
                self.take_line(connection, line)
            if len(connection.input) > LINE_MAX:
                self.close(connection)
            self.flush(connection)
        except OSError:
            self.close(connection)

    def flush(self, connection):
        if connection not in self.connections or connection.dead or time.monotonic() < connection.held_until:
            return
        if connection.output:
            try:
                sent = connection.sock.send(connection.output)
            except BlockingIOError:
                return
            connection.output = connection.output[sent:]
        if connection.closing and not connection.output:
            self.close(connection)

    def say(self, connection, message):
        if connection.mute:
            return
        connection.output += json.dumps(message).encode() + b'\n'
        connection.spoke = time.monotonic()

    def tick(self):
        now = time.monotonic()
        for connection in list(self.connections):
            try:
                if now - connection.heard > connection.silence_s and not connection.dead:
                    self.close(connection)
                    continue
                if connection.session and now - connection.spoke > connection.heartbeat:
                    self.say(connection, {'type': 'heartbeat'})
                self.flush(connection)
            except OSError:
                self.close(connection)
        if self.can_step() and now >= self.next_step:
            self.go_on()
            for connection in list(self.connections):
                try:
                    self.flush(connection)
                except OSError:
                    self.close(connection)

    # ------------------------------------------------------------------------------------------------ messages

    def take_line(self, connection, line):
        try:
            message = json.loads(line)
            kind = message['type']
        except (ValueError, KeyError, TypeError):
            self.say(connection, {'type': 'error', 'text': 'not a message'})
            return
        hits = self.faults.hit(kind)
        if 'exit' in hits:
            os._exit(9)
        if 'half_open' in hits:
            connection.dead = True
            return
        if 'drop_before' in hits:
            self.close(connection)
            return
        if 'ignore' in hits:
            return
        if 'silence' in hits or 'delay' in hits:
            connection.held_until = time.monotonic() + float(hits.get('silence') or hits.get('delay') or 1e9)
        connection.mute = 'drop_after' in hits
        if connection.session is None and kind != 'hello':
            self.say(connection, {'type': 'refused', 'reason': 'session', 'text': 'say hello first'})
            connection.closing = True
        else:
            try:
                action = getattr(self, 'take_' + str(kind), None)
                if action is not None:
                    action(connection, message, hits)
            except (KeyError, TypeError, ValueError, ArithmeticError, sqlite3.Error) as error:
                self.say(connection, {'type': 'error', 'text': '%s: %r' % (kind, error)})
        connection.mute = False
        if 'drop_after' in hits or 'drop' in hits:
            self.flush(connection)
            self.close(connection)

    def take_hello(self, connection, message, hits):
        self.hellos.append(message)
        known = self.record.epoch(message['session'])
        why = hits.get('refuse')
        if why is None and message.get('protocol') != 1:
            why = 'protocol'
        if why is None and not hmac.compare_digest(str(message.get('token') or ''), self.token or ''):
            why = 'token'
        if why is None and message['epoch'] <= known:
            why = 'epoch'
        if why is not None:
            self.say(connection, {'type': 'refused', 'reason': why, 'epoch': known, 'text': 'refused: ' + why})
            connection.closing = True
            return
        with self.record.durable():
            self.record.set_epoch(message['session'], message['epoch'])
        for other in list(self.connections):
            if other is not connection and other.session == message['session']:
                self.close(other)  # what it has sent and we have not taken is gone with it
        connection.session, connection.roles = message['session'], message['roles']
        period = message.get('heartbeat_ms', 5000) / 1000
        connection.silence_s, connection.heartbeat = 3 * period, min(self.heartbeat, period)
        if not self.leaves(connection, 'welcome'):
            return
        gives = [name for name, has in (('bars', self.bars), ('openings', self.openings and self.bars),
                                        ('trades', self.market.ticks), ('quotes', self.market.ticks)) if has]
        self.say(connection, {'type': 'welcome', 'protocol': 1, 'gateway': 'peer 1', 'roles': ['feed', 'broker'],
                              'gives': gives, 'epoch': message['epoch'], 'seq': self.record.oldest_feed()})

    def take_heartbeat(self, connection, message, hits):
        pass

    # -- feed

    def take_subscribe(self, connection, message, hits):
        if 'interval' in message:
            connection.series.add((message['symbol'], int(Decimal(str(message['interval'])) * SECOND)))
        if message.get('trades'):
            connection.trades.add(message['symbol'])
        if message.get('quotes'):
            connection.quotes.add(message['symbol'])

    def take_start(self, connection, message, hits):
        if 'after' in message:
            connection.sent_seq = message['after']
            for kept in self.record.feed_after(message['after']):
                self.send_feed(connection, kept)
        self.say(connection, {'type': 'resumed', 'seq': self.record.mark('seq')})
        connection.live = self.started = True

    def take_history(self, connection, message, hits):
        interval = int(Decimal(str(message['interval'])) * SECOND)
        for bar in self.market.history(message['symbol'], interval, message.get('from', 0), message.get('to', 1 << 63),
                                       message.get('last', 0), self.record.mark('now')):
            self.say(connection, {
                'type': 'bar', 'history': True, 'symbol': message['symbol'], 'interval': message['interval'],
                'time': bar.time, 'open': str(bar.open), 'high': str(bar.high), 'low': str(bar.low),
                'close': str(bar.close), 'volume': str(bar.volume)})
        self.say(connection, {'type': 'history_end', 'symbol': message['symbol'], 'interval': message['interval']})

    def take_ack(self, connection, message, hits):
        connection.acked = max(connection.acked or 0, message['seq'])
        self.acked = max(self.acked, message['seq'])

    # -- broker

    def state_of(self, session, order_id):
        row = self.record.order(session, order_id)
        if row is None:
            return {'type': 'order', 'id': order_id, 'status': 'unknown'}
        return {'type': 'order', 'id': order_id, 'status': row['status'], 'symbol': row['symbol'],
                'side': 'buy' if row['side'] > 0 else 'sell', 'cumulative': row['cumulative'],
                'reason': row['reason'], 'time': self.record.mark('now')}

    def take_query(self, connection, message, hits):
        session = connection.session
        if 'id' in message:
            self.asked.append(message['id'])
            if 'lose_order' in hits:
                with self.record.durable():
                    self.record.forget_order(session, message['id'])
            for fill in self.record.fills(session, message['id']):
                self.say(connection, fill_message(fill))
            self.say(connection, self.state_of(session, message['id']))
            return
        for report in self.record.reports_after(session, message['report']):
            self.say(connection, report)
        for row in self.record.working(session):
            self.say(connection, self.state_of(session, row['id']))
        for symbol, quantity in self.record.positions(session).items():
            self.say(connection, {'type': 'position', 'symbol': symbol,
                                  'quantity': str(quantity + Decimal(hits.get('position') or 0))})
        if self.leaves(connection, 'snapshot_end'):
            self.say(connection, {'type': 'snapshot_end', 'report': self.record.last_report(session)})
            connection.reconciled = True

    def take_submit(self, connection, message, hits):
        session, order_id = connection.session, message['id']
        self.submits[order_id] = self.submits.get(order_id, 0) + 1
        if 'lose_order' in hits:
            return
        content = {key: value for key, value in message.items() if key != 'type'}
        known = self.record.order(session, order_id)
        if known is not None:
            if known['content'] != json.dumps(content, sort_keys=True):
                self.say(connection, {'type': 'error', 'id': order_id, 'text': 'this id was another order'})
            self.say(connection, self.state_of(session, order_id))
            return
        status = 'rejected' if 'reject' in hits else 'pending' if 'pending' in hits else 'accepted'
        if message['symbol'] not in self.market.executes or Decimal(str(message['quantity'])) <= 0:
            status = 'rejected'
        state = {'price': message.get('price'), 'stop_price': message.get('stop_price'),
                 'range_from': self.opens_from(), 'expires': message.get('expires', 0),
                 'tif': message['time_in_force'], 'reduce_only': message.get('reduce_only', False),
                 'partial': int(hits.get('partial') or 1), 'overfill': hits.get('overfill') or '0'}
        with self.record.durable():
            self.record.add_order(session, order_id, content, status, state)
            if 'reject' in hits:
                self.record.set_order(session, order_id, reason=hits['reject'] or 'refused')
            report = self.record.add_report(session, self.state_of(session, order_id))
        self.tell(session, [report])

    def opens_from(self):
        """From which opening on a bar's range may be met by what is accepted now."""
        index, opened = self.record.mark('instant'), self.record.mark('phase') == 0
        if index >= len(self.market.times):
            return 1 << 62
        return self.record.mark('now') + 1 if opened else self.market.times[index]

    def take_cancel(self, connection, message, hits):
        session, order_id = connection.session, message['id']
        row = self.record.order(session, order_id)
        if row is None or row['status'] in ENDED:
            self.say(connection, self.state_of(session, order_id))
            return
        with self.record.durable():
            report = self.end_order(session, order_id, 'cancelled', 'asked for')
        self.tell(session, [report])
        if 'late_fill' in hits:
            self.late_fills.append((session, order_id))

    def end_order(self, session, order_id, status, reason):
        self.record.set_order(session, order_id, status=status, reason=reason)
        return self.record.add_report(session, self.state_of(session, order_id))

    # --------------------------------------------------------------------------------------------- what leaves

    def tell(self, session, reports):
        for connection in self.connections:
            if connection.session == session and connection.reconciled:
                for report in reports:
                    self.send_report(connection, report)

    def leaves(self, connection, kind):
        """Faults of a message that is about to leave. False: it does not."""
        hits = self.faults.hit(kind)
        if 'garbage' in hits:
            connection.output += b'{"type":"fill", \xff nonsense\n' if hits['garbage'] == 'fill' else b'\xff{"]\n'
        if 'unknown_type' in hits:
            self.say(connection, {'type': 'of_version_9', 'id': 'x', 'seq': [1, {'a': None}]})
        if 'drop_before' in hits:
            self.flush(connection)
            self.close(connection)
            return False
        connection.closing = connection.closing or 'drop_after' in hits
        self.hits = hits
        return 'lose' not in hits

    def send_report(self, connection, report):
        if not self.leaves(connection, report['type']):
            return
        hits = self.hits
        if 'reorder' in hits:
            connection.later.append(report)
            return
        self.say(connection, dict(report, cumulative='many', quantity='?') if 'bad' in hits else report)
        for _ in range(int(hits.get('duplicate') or 1) if 'duplicate' in hits else 0):
            self.say(connection, report)
        if 'changed' in hits:
            self.say(connection, dict(report, quantity=str(Decimal(report['quantity']) + 1)))
        later, connection.later = connection.later, []
        for held in later:
            self.say(connection, held)

    def send_feed(self, connection, message):
        if not connection.wants(message) or connection not in self.connections:
            return
        if self.leaves(connection, message['type']):
            self.say(connection, dict(message, open='?', price='?') if 'bad' in self.hits else message)
            connection.sent_seq = message['seq']

    # -------------------------------------------------------------------------------------------------- market

    def is_acked(self):
        if self.free:
            return True
        feeding = [c for c in self.connections if c.live]
        # The first ack of a connection also says that what came before it has led to all it was to lead to.
        return bool(feeding) and all(c.acked is not None and c.acked >= c.sent_seq for c in feeding)

    def can_step(self):
        return (self.started and self.record.mark('instant') < len(self.market.times) and self.is_acked() and
                (self.steps is None or self.steps > 0 or self.record.mark('phase') == 1))

    def go_on(self):
        index = self.record.mark('instant')
        if self.record.mark('phase') == 0:
            if self.steps is not None:
                self.steps -= 1
            self.close_bars(self.market.times[index])
        else:
            self.open_bars(self.market.times[index], index)
            self.next_step = time.monotonic() + self.pace

    def publish(self, messages, reports):
        """After the commit."""
        for session, report in reports:
            self.tell(session, [report])
        for connection in list(self.connections):
            if connection.live:
                for message in messages:
                    self.send_feed(connection, message)

    def add_feed(self, messages):
        added = [self.record.add_feed(message) for message in messages]
        if self.keep is not None:
            self.record.forget_feed(self.record.mark('seq') - self.keep)
        return added

    def close_bars(self, instant):
        reports = []
        with self.record.durable():
            self.record.set_mark('now', instant)
            for row in self.record.working():
                expires = json.loads(row['state'])['expires']
                if row['status'] == 'pending':
                    self.record.set_order(row['session'], row['id'], status='accepted')
                    reports.append((row['session'], self.record.add_report(
                        row['session'], self.state_of(row['session'], row['id']))))
                if expires and instant_of(expires) <= instant:
                    reports.append((row['session'], self.end_order(row['session'], row['id'], 'expired', 'its time')))
            for row, price in self.market.meet_ranges(self.tradable(), instant):
                reports += self.fill(row, price, instant)
            messages = self.add_feed([m for m in self.market.closings(instant) if self.bars or m['type'] != 'bar'])
            self.record.set_mark('phase', 1)
        self.publish(messages, reports)

    def open_bars(self, instant, index):
        reports = []
        with self.record.durable():
            met = self.market.meet_openings(self.tradable(), instant)
            for row, price in met:
                reports += self.fill(row, price, instant)
            opened = {one.symbol for one, _ in self.market.instants[instant][1]}
            for row in self.tradable():
                if json.loads(row['state'])['tif'] in ('ioc', 'fok') and row['symbol'] in opened:
                    reports.append((row['session'], self.end_order(row['session'], row['id'], 'cancelled', 'unfilled')))
            for session, order_id in self.late_fills:
                row = self.record.order(session, order_id)
                price = next((bar.open for one, bar in self.market.instants[instant][1]
                              if one.symbol == row['symbol']), None)
                if price is not None:
                    reports += self.fill(row, price, instant)
            self.late_fills = []
            messages = self.add_feed(self.market.openings(instant) if self.openings and self.bars else [])
            self.record.set_mark('phase', 0)
            self.record.set_mark('instant', index + 1)
        self.publish(messages, reports)

    def tradable(self):
        return [row for row in self.record.working() if row['status'] != 'pending']

    def fill(self, row, price, instant):
        """Inside a transaction. Gives [(session, report)]."""
        session, order_id = row['session'], row['id']
        row, state = self.record.order(session, order_id), json.loads(row['state'])
        quantity, cumulative = Decimal(row['quantity']), Decimal(row['cumulative'])
        part = quantity - cumulative
        if state['partial'] > 1 and part > quantity / state['partial']:
            part = (quantity / state['partial']).to_integral_value() or part
        if state['reduce_only']:
            held = self.record.positions(session).get(row['symbol'], Decimal(0))
            part = min(part, max(Decimal(0), -row['side'] * held))
            if part == 0:
                return [(session, self.end_order(session, order_id, 'cancelled', 'reduce only'))]
        if part + cumulative >= quantity:
            part += Decimal(state['overfill'])
        cumulative += part
        number = self.record.mark('fill') + 1
        self.record.set_mark('fill', number)
        commission = (part * price * self.market.commission).quantize(Decimal('0.000001')).normalize()
        fill = {'type': 'fill', 'id': order_id, 'fill_id': 'x-%d' % number, 'symbol': row['symbol'],
                'side': 'buy' if row['side'] > 0 else 'sell', 'quantity': str(part), 'price': str(price),
                'commission': '{:f}'.format(commission), 'cumulative': str(cumulative), 'time': instant}
        status = row['status'] if row['status'] in ENDED else 'partially_filled'
        status = 'filled' if cumulative >= quantity else status
        self.record.add_fill(session, fill)
        self.record.set_order(session, order_id, cumulative=cumulative, status=status)
        reports = [(session, self.record.add_report(session, fill))]
        if status == 'filled':
            reports.append((session, self.record.add_report(session, self.state_of(session, order_id))))
        return reports


def instant_of(value):
    return value if isinstance(value, int) else instant_ns(value)


def fill_message(fill):
    return {'type': 'fill', 'id': fill['id'], 'fill_id': fill['fill_id'], 'symbol': fill['symbol'],
            'side': 'buy' if fill['side'] > 0 else 'sell', 'quantity': fill['quantity'], 'price': fill['price'],
            'commission': fill['commission'], 'cumulative': fill['cumulative'], 'time': fill['time']}


def series_of(text, made_up):
    """SYMBOL=PATH[,interval=60] or SYMBOL=COUNT[,interval=60][,seed=1]."""
    symbol, _, rest = text.partition('=')
    what, *settings = rest.split(',')
    settings = dict(setting.split('=', 1) for setting in settings)
    interval = int(Decimal(settings.get('interval', '60')) * SECOND)
    if made_up:
        return Series.made_up(symbol, int(what), interval, settings.get('seed', 1))
    return Series.from_csv(symbol, what, interval)


def main():
    parser = argparse.ArgumentParser(description='A gateway for tests; see the head of this file.')
    parser.add_argument('--listen', required=True)
    parser.add_argument('--record', required=True)
    parser.add_argument('--data', action='append', default=[])
    parser.add_argument('--bars', action='append', default=[])
    parser.add_argument('--history', type=int, default=0)
    parser.add_argument('--pace', type=float, default=0.0)
    parser.add_argument('--free', action='store_true')
    parser.add_argument('--steps', type=int)
    parser.add_argument('--ticks', type=int, default=0)
    parser.add_argument('--no-bars', action='store_true')
    parser.add_argument('--no-openings', action='store_true')
    parser.add_argument('--keep', type=int)
    parser.add_argument('--commission', default='0')
    parser.add_argument('--heartbeat', type=float, default=1.0)
    parser.add_argument('--token')
    parser.add_argument('--fault', action='append', default=[])
    given = parser.parse_args()
    peer = Peer(given.listen, given.record,
                [series_of(text, False) for text in given.data] + [series_of(text, True) for text in given.bars],
                commission=Decimal(given.commission), ticks=given.ticks, bars=not given.no_bars,
                openings=not given.no_openings, history=given.history, pace=given.pace, free=given.free,
                steps=given.steps, keep=given.keep, heartbeat=given.heartbeat, token=given.token, faults=given.fault)
    print('listening', peer.address, flush=True)
    peer.serve(sys.stdin)


if __name__ == '__main__':
    main()
