#!/usr/bin/env python3
"""The daemon killed with SIGKILL, again and again, against a gateway that keeps books of its own.

The gateway (tests/gateway/peer.py) is another program with another durable record, so its books are the truth: whatever
was killed when, Duet's books must come out equal to them, no order sent twice, none lost, and the session must replay.
The books must also be those of a session that nobody killed: the market waits for acknowledgements, and its bars are an
hour long, so that no intent that a kill kept back is too old to be sent after it (docs/live.md, "Life of the process"),
however slow the machine.

Environment: DUET, DUETD (the programs), DUETD_CRASH (tests/live/crash_duetd.c), DUET_CRASHES (random kills, 50).
"""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'cli'))
sys.path.insert(0, os.path.join(HERE, '..', 'gateway'))
from cli import duet, main, write  # noqa: E402
from market import SECOND, Series  # noqa: E402
from peer import Peer  # noqa: E402

DUETD = os.environ.get('DUETD', 'build/dev/apps/duetd')
CRASHING = os.environ.get('DUETD_CRASH', 'build/dev/tests/live/crash_duetd')
HOUR = 3600 * SECOND
CRASHES = int(os.environ.get('DUET_CRASHES', '50'))
SECONDS = max(120, CRASHES)

STEPS = ('begin', 'input', 'taken', 'output', 'snapshot', 'before-commit', 'committed', 'effect-send', 'after-effects')

FLIPS = ('sma_cross', 'params: {fast: 1, slow: 2, size: 10}')
TREND = ('trend', 'params: {fast_bars: 3, slow_bars: 8, stop_fraction: 0.004, weight: 0.5}')


def configure(address, symbols, strategy=FLIPS):
    data = ''.join('  - %s=gateway,interval=1h,decimals=2\n' % symbol for symbol in symbols)
    return write('live.yaml', """
strategy: %s
%s
cash: 1000000
data:
%slive:
  session: books.db
  name: crash
  feed: gateway
  broker: gateway
  gateway: "%s"
  api: "off"
  arm: true
  snapshot_s: 1
  bar_grace_ms: 2000
  stale_ms: 6000000
""" % (strategy[0], strategy[1], data, address))


def start(program=None, **env):
    # A daemon; its log goes to daemon.log.
    log = open('daemon.log', 'ab')
    full = dict(os.environ, XDG_CACHE_HOME=os.path.abspath('.cache-home'), **env)
    return subprocess.Popen([program or DUETD, '-c', 'live.yaml'], stdout=log, stderr=log, env=full)


def tail():
    with open('daemon.log', 'rb') as log:
        return log.read()[-3000:].decode('utf-8', 'replace')


def stop(daemon):
    daemon.send_signal(signal.SIGTERM)
    code = daemon.wait(60)
    assert code == 0, 'exit %s\n%s' % (code, tail())


def market(bars, symbols=('X',)):
    return [Series.made_up(symbol, bars, HOUR, seed=i + 7) for i, symbol in enumerate(symbols)]


def peer(bars, symbols=('X',), pace=0.0, **more):
    return Peer('unix:peer.sock', 'peer.db', market(bars, symbols), history=60, pace=pace, **more).start()


def our_books():
    # Duet's side, in the form of record.books().
    db = sqlite3.connect('file:books.db?mode=ro', uri=True)
    prefix = dict(db.execute('SELECT key, value FROM meta'))['order_prefix']
    signed = {'BUY': 1, 'SELL': -1}
    books = {
        'orders': {prefix + str(number): (status.lower(), Decimal(filled)) for number, status, filled in db.execute(
            'SELECT order_id, status, filled FROM orders ORDER BY order_id')},
        'fills': [(prefix + str(order), signed[side] * Decimal(quantity), Decimal(price))
                  for order, side, quantity, price in db.execute(
                      'SELECT order_id, side, quantity, price FROM fills ORDER BY sequence')],
        'positions': {symbol: Decimal(quantity) for symbol, quantity in db.execute(
            'SELECT symbol, quantity FROM positions ORDER BY symbol') if Decimal(quantity) != 0},
    }
    db.close()
    return books


def session_name():
    # As the gateway knows it: the prefix of the order ids without its dash.
    db = sqlite3.connect('file:books.db?mode=ro', uri=True)
    (prefix,), = db.execute("SELECT value FROM meta WHERE key = 'order_prefix'")
    db.close()
    return prefix.rstrip('-')


def their_books(other):
    return other.books(session_name())


def check_books(other):
    ours, theirs = our_books(), their_books(other)
    # What was proven never to have arrived is known here only.
    unsent = {number for number in ours['orders'] if number not in theirs['orders']}
    db = sqlite3.connect('file:books.db?mode=ro', uri=True)
    reasons = {str(number): (status, reason) for number, status, reason in db.execute(
        'SELECT order_id, status, reason_code FROM orders')}
    db.close()
    for number in unsent:
        status, reason = reasons[number.rsplit('-', 1)[1]]
        assert (status, reason) in (('REJECTED', 'UNSENT_AT_CRASH'), ('REJECTED', 'DISCONNECTED')) or \
            status in ('DENIED', 'SUBMITTED'), '%s is here only, as %s %s' % (number, status, reason)
    for number, (status, cumulative) in theirs['orders'].items():
        assert number in ours['orders'], '%s is lost' % number
        assert ours['orders'][number][1] == cumulative, (number, ours['orders'][number], status, cumulative)
        assert (ours['orders'][number][0] == status or status == 'accepted'), (number, ours['orders'][number], status)
    assert sorted(ours['fills']) == sorted((n, quantity, price) for n, _, quantity, price in theirs['fills'])
    assert len({fill for _, fill, _, _ in theirs['fills']}) == len(theirs['fills'])
    assert ours['positions'] == theirs['positions'], (ours['positions'], theirs['positions'])
    doubled = {number: count for number, count in other.submits.items() if count > 1}
    assert not doubled, 'sent more than once: %s' % doubled


def trades(other):
    # What filled, in order, without the names of orders: those differ where one was never sent.
    return [(quantity, price) for _, _, quantity, price in their_books(other)['fills']]


def instants(other):
    # Those that the market has come to.
    return other.do(lambda: other.record.mark('instant'))


def verify():
    done = duet('replay', 'books.db', '--verify')
    assert done.code == 0, done
    assert 'identical' in done.out, done


def uninterrupted(folder, bars, symbols, strategy):
    # The same market with nobody killing anybody.
    os.makedirs(folder)
    back = os.getcwd()
    os.chdir(folder)
    try:
        other = peer(bars, symbols)
        configure(other.address, symbols, strategy)
        daemon = start()
        other.wait_done(SECONDS)
        stop(daemon)
        check_books(other)
        told = trades(other), their_books(other)['positions']
        other.stop()
        return told
    finally:
        os.chdir(back)


def never_short(other):
    # Whatever filled in whatever order: a way out that meets its stop must not open the other side.
    held = {}
    for row in other.do(lambda: other.record.fills(session_name())):
        held[row['symbol']] = held.get(row['symbol'], Decimal(0)) + row['side'] * Decimal(row['quantity'])
        assert held[row['symbol']] >= 0, (row['id'], row['symbol'], held)


def difference(told, expected):
    # The first fill that is another one, and what orders ended as that never filled.
    pairs = zip(told[0] + [None], expected[0] + [None])
    first = next((at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), len(told[0]))
    db = sqlite3.connect('file:books.db?mode=ro', uri=True)
    reasons = db.execute("SELECT status, reason_code, count(*), min(order_id) FROM orders WHERE status <> 'FILLED' "
                         'GROUP BY 1, 2').fetchall()
    db.close()
    return 'fill %d of %d and %d: %s, not %s; positions %s, not %s; ended otherwise: %s\n%s' % (
        first, len(told[0]), len(expected[0]), told[0][first:first + 1], expected[0][first:first + 1], told[1],
        expected[1], reasons, tail())


def finish(other, symbols, strategy, bars):
    # Let the rest of the market come, then hold all books against each other.
    daemon = start()
    other.run()
    try:
        other.wait_done(SECONDS)
    except AssertionError:
        raise AssertionError('the market did not end; the daemon says\n' + tail())
    stop(daemon)
    check_books(other)
    verify()
    if strategy is TREND:
        never_short(other)
    told = trades(other), their_books(other)['positions']
    other.stop()
    expected = uninterrupted('calm', bars, symbols, strategy)
    assert told == expected, 'other fills than without the kills: %s' % difference(told, expected)
    assert len(told[0]) > 20, 'a strategy that trades'


def killed_at_every_step_of_the_journal(counts, bars, symbols, strategy):
    other = peer(bars, symbols, pace=0.001)
    configure(other.address, symbols, strategy)
    kills = 0
    for step in STEPS:
        for count in counts[:2] if step == 'snapshot' else counts:  # that comes once a second only
            daemon = start(CRASHING, DUET_CRASH_AT='%s:%d' % (step, count))
            end = time.monotonic() + SECONDS
            while daemon.poll() is None and not other.do(other.is_done):
                assert time.monotonic() < end, '%s:%d never came\n%s' % (step, count, tail())
                time.sleep(0.002)
            if daemon.poll() is None:
                stop(daemon)
                break
            assert daemon.returncode == -signal.SIGKILL, 'exit %s at %s:%d\n%s' % (
                daemon.returncode, step, count, tail())
            kills += 1
    assert kills >= len(STEPS) * len(counts) * 3 // 4, 'the market ended after %d kills' % kills
    finish(other, symbols, strategy, bars)


def killed_at_every_step_paper_trading_ends_as_the_backtest_does():
    """The journal is enough: with the venue inside, the fills are those of a backtest that nobody killed."""
    done = duet('data', 'synth', '--bars', '9000', '--interval', '1m', '--seed', '3', 'x.csv')
    assert done.code == 0, done
    run = ['--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=5', '--param', 'size=10', '--cash',
           '1000000', '--commission', '0.1%', '--data', 'X=x.csv']
    write('live.yaml', """
strategy: sma_cross
params: {fast: 2, slow: 5, size: 10}
cash: 1000000
commission: 0.1%
data:
  - X=x.csv
live: {session: books.db, name: crash, speed: 0, api: "off", arm: true, snapshot_s: 1800}
""")
    kills = 0
    for step in STEPS:
        for count in (1, 2, 3):
            daemon = start(CRASHING, DUET_CRASH_AT='%s:%d' % (step, count))
            assert daemon.wait(SECONDS) in (-signal.SIGKILL, 0), tail()
            kills += daemon.returncode != 0
    assert kills > 2 * (len(STEPS) - 2), '%d kills' % kills
    daemon = start()
    assert daemon.wait(SECONDS) == 0, tail()
    verify()
    done = duet('backtest', *run, '--fills', 'expected.csv', '--quiet')
    assert done.code == 0, done
    signed = {'BUY': '', 'SELL': '-'}
    db = sqlite3.connect('file:books.db?mode=ro', uri=True)
    ours = [(when, signed[side] + quantity, Decimal(price)) for when, side, quantity, price in db.execute(
        "SELECT strftime('%Y-%m-%d %H:%M:%S', time_ns / 1000000000, 'unixepoch'), side, quantity, price FROM fills "
        "ORDER BY sequence")]
    db.close()
    with open('expected.csv') as file:
        rows = [line.split(',') for line in file.read().splitlines()[1:]]
    assert ours == [(row[0], row[3], Decimal(row[4])) for row in rows]
    assert len(ours) > 100


def killed_at_every_step_of_a_turn_it_loses_and_doubles_nothing():
    """Killed before and after each step of a turn, the books are the gateway's, and those of a calm session."""
    killed_at_every_step_of_the_journal((1, 2, 5, 17), 1500, ('X',), FLIPS)


def killed_with_several_symbols_and_protective_stops_the_books_agree():
    """The same where orders rest at the gateway over the kill."""
    killed_at_every_step_of_the_journal((1, 3), 1500, ('A', 'B', 'C'), TREND)


def killed_at_random_instants_it_loses_and_doubles_nothing():
    """Killed from outside, wherever that hits: every other time in a market that is moving."""
    chance = random.Random(int(os.environ.get('DUET_SEED', '1')))
    bars = 60 + CRASHES * 40
    other = peer(bars, pace=0.004)
    configure(other.address, ('X',))
    kills = moved = 0
    while kills < CRASHES and not other.do(other.is_done):
        before = instants(other)
        daemon = start()
        if kills % 2 == 0:
            other.wait(lambda: other.record.mark('instant') > before, SECONDS)
        time.sleep(chance.uniform(0.0, 0.1) if kills % 2 == 0 else chance.uniform(0.01, 0.3))
        assert daemon.poll() is None, tail()
        daemon.kill()
        daemon.wait()
        moved += instants(other) > before
        kills += 1
    finish(other, ('X',), FLIPS, bars)
    assert kills >= CRASHES * 3 // 4, 'the market ended after %d kills' % kills
    assert moved >= kills // 2, 'the market moved before %d of %d kills' % (moved, kills)


if __name__ == '__main__':
    main(globals())
