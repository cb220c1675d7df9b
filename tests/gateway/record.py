"""The durable record of the gateway peer: one SQLite file, every change synced before it is told.

Its books are the truth that tests hold Duet's against: books(session) gives orders, fills and positions.
"""
import contextlib
import json
import sqlite3
from decimal import Decimal

SCHEMA = """
create table if not exists session(name text primary key, epoch integer not null, reports integer not null);
create table if not exists orders(number integer primary key, session text not null, id text not null,
  content text not null, symbol text not null, side integer not null, type text not null, quantity text not null,
  status text not null, cumulative text not null default '0', reason text not null default '', state text not null,
  unique(session, id));
create table if not exists fills(number integer primary key, session text not null, id text not null,
  fill_id text not null, symbol text not null, side integer not null, quantity text not null, price text not null,
  commission text not null, cumulative text not null, time integer not null, unique(session, fill_id));
create table if not exists reports(session text not null, number integer not null, line text not null,
  primary key(session, number));
create table if not exists feed(seq integer primary key, line text not null);
create table if not exists mark(key text primary key, value integer not null);
"""
ENDED = ('filled', 'cancelled', 'expired', 'rejected')


class Record:
    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute('pragma journal_mode=wal')
        self.db.execute('pragma synchronous=full')
        self.db.executescript(SCHEMA)

    def close(self):
        self.db.close()

    @contextlib.contextmanager
    def durable(self):
        """What is written inside is on disk when it ends, or not there at all."""
        self.db.execute('begin immediate')
        try:
            yield
        except BaseException:
            self.db.execute('rollback')
            raise
        self.db.execute('commit')

    def one(self, sql, *args):
        return self.db.execute(sql, args).fetchone()

    def all(self, sql, *args):
        return self.db.execute(sql, args).fetchall()

    # -- sessions and reports

    def epoch(self, session):
        row = self.one('select epoch from session where name=?', session)
        return row['epoch'] if row else 0

    def set_epoch(self, session, epoch):
        self.db.execute('insert into session values(?,?,0) on conflict(name) do update set epoch=excluded.epoch',
                        (session, epoch))

    def last_report(self, session):
        row = self.one('select reports from session where name=?', session)
        return row['reports'] if row else 0

    def add_report(self, session, message):
        number = self.last_report(session) + 1
        message = dict(message, report=number)
        self.db.execute('update session set reports=? where name=?', (number, session))
        self.db.execute('insert into reports values(?,?,?)', (session, number, json.dumps(message)))
        return message

    def reports_after(self, session, number):
        return [json.loads(row['line']) for row in self.all(
            'select line from reports where session=? and number>? order by number', session, number)]

    # -- orders and fills

    def order(self, session, order_id):
        return self.one('select * from orders where session=? and id=?', session, order_id)

    def add_order(self, session, order_id, content, status, state):
        self.db.execute(
            'insert into orders(session,id,content,symbol,side,type,quantity,status,state) values(?,?,?,?,?,?,?,?,?)',
            (session, order_id, json.dumps(content, sort_keys=True), content['symbol'],
             1 if content['side'] == 'buy' else -1, content['order_type'], str(content['quantity']), status,
             json.dumps(state)))

    def set_order(self, session, order_id, **changes):
        for key, value in changes.items():
            value = json.dumps(value) if key == 'state' else str(value)
            self.db.execute('update orders set %s=? where session=? and id=?' % key, (value, session, order_id))

    def forget_order(self, session, order_id):
        self.db.execute('delete from orders where session=? and id=?', (session, order_id))

    def working(self, session=None):
        marks = ','.join('?' * len(ENDED))
        return self.all('select * from orders where status not in (%s) and (? is null or session=?) order by number'
                        % marks, *ENDED, session, session)

    def add_fill(self, session, fill):
        self.db.execute(
            'insert into fills(session,id,fill_id,symbol,side,quantity,price,commission,cumulative,time) '
            'values(?,?,?,?,?,?,?,?,?,?)',
            (session, fill['id'], fill['fill_id'], fill['symbol'], 1 if fill['side'] == 'buy' else -1,
             fill['quantity'], fill['price'], fill['commission'], fill['cumulative'], fill['time']))

    def fills(self, session, order_id=None):
        return self.all('select * from fills where session=? and (? is null or id=?) order by number', session,
                        order_id, order_id)

    def positions(self, session):
        held = {}
        for fill in self.fills(session):
            held[fill['symbol']] = held.get(fill['symbol'], Decimal(0)) + fill['side'] * Decimal(fill['quantity'])
        return {symbol: quantity for symbol, quantity in sorted(held.items()) if quantity != 0}

    def cash(self, session):
        """What the fills took and brought, commissions included."""
        return sum((-f['side'] * Decimal(f['quantity']) * Decimal(f['price']) - Decimal(f['commission'])
                    for f in self.fills(session)), Decimal(0))

    def books(self, session):
        return {
            'orders': {row['id']: (row['status'], Decimal(row['cumulative'])) for row in self.all(
                'select * from orders where session=? order by number', session)},
            'fills': [(f['id'], f['fill_id'], f['side'] * Decimal(f['quantity']), Decimal(f['price']))
                      for f in self.fills(session)],
            'positions': self.positions(session),
        }

    # -- feed

    def add_feed(self, message):
        seq = self.mark('seq') + 1
        self.set_mark('seq', seq)
        message = dict(message, seq=seq)
        self.db.execute('insert into feed values(?,?)', (seq, json.dumps(message)))
        return message

    def feed_after(self, seq):
        return [json.loads(row['line']) for row in self.all('select line from feed where seq>? order by seq', seq)]

    def forget_feed(self, seq):
        """Up to `seq` nothing can be sent again."""
        self.db.execute('delete from feed where seq<=?', (seq,))

    def oldest_feed(self):
        row = self.one('select min(seq) as seq from feed')
        return row['seq'] if row['seq'] is not None else self.mark('seq') + 1

    def mark(self, key):
        row = self.one('select value from mark where key=?', key)
        return row['value'] if row else 0

    def set_mark(self, key, value):
        self.db.execute('insert into mark values(?,?) on conflict(key) do update set value=excluded.value',
                        (key, value))
