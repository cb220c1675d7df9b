"""The daemon against a gateway in another process of its own record: whatever breaks, their books agree.

The peer (tests/gateway/peer.py) replays bars and waits for each to be acknowledged, so a session through it has to end
where the backtest over the same bars ends. Faults are rules given to it. After every run: the orders, fills and
positions of the journal are those of the peer's record, no id was ever sent twice, and the replay verifies.
"""
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gateway'))
from daemon import PATIENCE_S, Daemon, duet, main, rows, write  # noqa: E402
from market import SECOND, Series  # noqa: E402
from peer import Peer  # noqa: E402

MINUTE = 60 * SECOND
STRATEGY = ('--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=4')
ENDED = {'filled': 'FILLED', 'cancelled': 'CANCELLED', 'expired': 'EXPIRED', 'rejected': 'REJECTED',
         'accepted': 'ACCEPTED', 'partially_filled': 'PARTIALLY_FILLED', 'pending': 'SUBMITTED'}


def _bars(count=40, symbol='A', seed=3, interval=MINUTE):
    return Series.made_up(symbol, count, interval, seed=seed)


def _peer(series=None, **options):
    return Peer('127.0.0.1:0', options.pop('record', 'peer.db'), [_bars()] if series is None else series,
                **options).start()


def _daemon(peer, *more, session='s.db', arm=True, data=('A=gateway,interval=1m,decimals=2',), strategy=STRATEGY,
            broker='gateway', api='off'):
    args = ['--feed', 'gateway', '--broker', broker, '--gateway', peer.address, '--session', session,
            '--bar-grace-ms', '50', '--heartbeat-ms', '1000', *strategy, *(['--arm'] if arm else [])]
    for text in data:
        args += ['--data', text]
    return Daemon(*args, *more, api=api)


def _books(session='s.db'):
    db = sqlite3.connect('file:%s?mode=ro' % session, uri=True)
    try:
        orders = {row[0]: row[1:] for row in db.execute('select client_id,status,filled,reason_code from orders_view')}
        fills = [(row[0], (1 if row[1] == 'BUY' else -1) * Decimal(row[2]), Decimal(row[3])) for row in db.execute(
            'select client_id,side,quantity,price from fills_view')]
        held = {row[0]: Decimal(row[1]) for row in db.execute('select symbol,quantity from positions')}
        return orders, fills, {symbol: quantity for symbol, quantity in held.items() if quantity != 0}
    finally:
        db.close()


def _trading(session='s.db'):
    db = sqlite3.connect('file:%s?mode=ro' % session, uri=True)
    try:
        return db.execute("select value from meta where key='trading'").fetchone()[0]
    finally:
        db.close()


def _session_of(peer):
    return peer.do(lambda: peer.record.one('select name from session'))['name']


def _agree(peer, told='', session='s.db'):
    """The journal and the peer's record say the same, and nothing was sent twice."""
    orders, fills, held = _books(session)
    theirs = peer.books(_session_of(peer))
    assert sorted(fills) == sorted((f[0], f[2], f[3]) for f in theirs['fills']), (told, fills, theirs['fills'])
    assert held == theirs['positions'], (told, held, theirs['positions'])
    for order_id, (status, filled) in theirs['orders'].items():
        ours = orders[order_id]
        assert Decimal(ours[1]) == filled, (told, order_id, ours, status, filled)
        assert ours[0] == ENDED[status] or filled > 0, (told, order_id, ours, status)
    for order_id, ours in orders.items():
        assert order_id in theirs['orders'] or ours[0] in ('REJECTED', 'DENIED'), (told, order_id, ours)
    doubled = {order_id: count for order_id, count in peer.submits.items() if count > 1}
    assert not doubled, (told, doubled)
    verified = duet('replay', session, '--verify')
    assert verified.code == 0, (told, verified)
    return orders, fills


def _play(peer, *more, **options):
    """From the first bar to the last; the log."""
    with _daemon(peer, *more, **options) as daemon:
        peer.wait_done(PATIENCE_S)
        daemon.stop()
        return daemon.log


def _wait_until(condition, daemon):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, daemon.log
        time.sleep(0.02)


def _wait_fills(daemon, count):
    """In the journal: alerts of many fills are told as one."""
    daemon.wait_for('started')
    _wait_until(lambda: len(_books()[1]) >= count, daemon)


def _has_ended(record, instants):
    db = sqlite3.connect('file:%s?mode=ro' % record, uri=True)
    try:
        return db.execute("select value from mark where key='instant'").fetchone() == (instants,)
    finally:
        db.close()


def _backtest(series, *more, strategy=STRATEGY):
    args = []
    for one in series:
        path = '%s-%d.csv' % (one.symbol, one.interval // SECOND)
        one.write_csv(path)
        args += ['--data', '%s=%s' % (one.symbol, path)]
    run = duet('backtest', '--json', '--quiet', *strategy, *args, '--fills', 'tested.csv', *more)
    assert run.code == 0, run
    return [(Decimal(row['quantity']), Decimal(row['price'])) for row in rows('tested.csv')], run.json()


def a_session_through_a_gateway_fills_as_the_backtest():
    """Several symbols and intervals, and commissions."""
    series = [_bars(60), _bars(60, 'B', 4), _bars(12, 'A', 5, 5 * MINUTE)]
    peer = _peer(series, commission='0.001')
    log = _play(peer, data=('A=gateway,interval=1m,decimals=2', 'B=gateway,interval=1m,decimals=2',
                            'A=gateway,interval=5m,decimals=2'))
    orders, fills = _agree(peer)
    tested, result = _backtest(series, '--commission', '0.001')
    assert sorted(fill[1:] for fill in fills) == sorted(tested) and len(fills) > 10, (fills, tested)
    cash = Decimal(sqlite3.connect('s.db').execute('select cash from account').fetchone()[0])
    assert cash == Decimal(result['final_cash']), (cash, result['final_cash'])
    assert 'error' not in log.replace('code=', ''), log
    peer.stop()


def a_feed_for_the_venue_inside_fills_as_the_backtest():
    """Paper: the gateway is feed only, and what it would fill is never asked."""
    series = [_bars(60)]
    peer = _peer(series)
    _play(peer, broker='paper')
    _, fills, _ = _books()
    tested, _ = _backtest(series)
    assert [fill[1:] for fill in fills] == tested and len(tested) > 5
    assert peer.submits == {} and duet('replay', 's.db', '--verify').code == 0
    peer.stop()


def _faults(rules, least_orders=4, **options):
    for rule in rules:
        name = rule if isinstance(rule, str) else ' '.join(rule)
        peer = _peer(faults=[rule] if isinstance(rule, str) else rule, record='%d.db' % len(os.listdir('.')), **options)
        session = '%d-s.db' % len(os.listdir('.'))
        try:
            log = _play(peer, session=session)
        except AssertionError as error:
            raise AssertionError('%s: %s' % (name, error))
        orders, _ = _agree(peer, name, session)
        assert len(orders) >= least_orders, (name, orders)
        yield name, peer, orders, log
        peer.stop()


def a_connection_lost_at_any_message_of_an_order_loses_and_doubles_nothing():
    """Before and after each, once and then always the first time."""
    for name, peer, orders, log in _faults((
            'submit#2:drop_before', 'submit#2:drop_after', 'submit#2:drop', 'order#3:drop_before', 'order#3:drop_after',
            'fill#2:drop_before', 'fill#2:drop_after', ('submit#1:drop_before', 'submit#2:drop_after'))):
        unsent = [order_id for order_id, row in orders.items() if row[2] == 'UNSENT_AT_CRASH']
        lost = [rule for rule in name.split() if 'submit' in rule and 'drop_before' in rule]
        assert len(unsent) == len(lost), (name, orders)
        assert 'gateway-up' in log and len(peer.hellos) >= 2, (name, log)
        if 'submit#2' in name or unsent:
            assert set(peer.asked), name  # what was in doubt was asked for


def a_connection_lost_while_it_is_set_up_is_set_up_again():
    """Hello, welcome, query, snapshot, subscription, start."""
    for name, peer, orders, _ in _faults((
            'hello#1:drop_before', 'hello#1:drop_after', 'hello#1:drop', 'welcome#1:drop_after', 'query#1:drop_before',
            'query#1:drop_after', 'snapshot_end#1:drop_before', 'snapshot_end#1:drop_after', 'history#1:drop_before',
            'subscribe#1:drop', 'start#1:drop_before', 'start#1:drop_after', 'ack#3:drop', 'bar#9:drop_before',
            'bar#9:drop_after', 'opening#9:drop_after')):
        epochs = [hello['epoch'] for hello in peer.hellos]
        assert epochs[-1] % (1 << 24) >= 2 and epochs == sorted(set(epochs)), (name, epochs)


def reports_in_any_order_and_number_are_booked_once():
    """Duplicates, reports that overtake each other, answers after the fill, fills in parts, late and early ones."""
    for name, _, orders, log in _faults((
            'fill#1*:duplicate=2', 'order#1*:duplicate', ('order#1:reorder', 'order#3:reorder', 'order#5:reorder'),
            'fill#2:reorder', 'submit#1*:partial=3', ('submit#1*:partial=4', 'fill#1*:duplicate', 'fill#6:drop_before'),
            'submit#2:pending', 'submit#2:reject', 'bar#5*:unknown_type', 'bar#7:garbage', 'ack#7:delay=1.2')):
        if name == 'submit#2:reject':
            assert [row for row in orders.values() if row[0] == 'REJECTED'], orders
        assert 'what the broker tells does not fit' not in log or 'reorder' in name, (name, log)


def what_cannot_be_is_told_and_what_really_filled_is_booked():
    """An overfill, a fill id with other content, a fill that cannot be read, an order that the gateway lost."""
    for name, peer, _, log in _faults(('submit#2:overfill=5', 'fill#2:changed', 'fill#2:bad', 'order#2:bad',
                                       'fill#3:garbage=fill'), least_orders=2):
        assert 'code=mismatch' in log or 'garbage' in name, (name, log)
        if 'bad' in name:
            assert len(peer.hellos) == 2, (name, peer.hellos)


def an_order_without_an_answer_is_asked_for_until_it_is_proven_unsent():
    """The gateway forgot what it was sent: a new connection has to say so before the order is given up."""
    peer = _peer(faults=['submit#1:lose_order'])
    with _daemon(peer) as daemon:
        daemon.wait_for('unknown to the gateway')
        daemon.wait_for('UNSENT_AT_CRASH')
        peer.wait_done(PATIENCE_S)
        daemon.stop()
    orders, _ = _agree(peer)
    assert [row[2] for row in orders.values()].count('UNSENT_AT_CRASH') == 1, orders
    peer.stop()


def a_cancel_that_the_gateway_swallows_is_repeated_until_the_order_has_ended():
    """Or what was to go would stay: here the stop of a position, at a stop that cancels everything."""
    peer = _peer([_bars(200)], faults=['cancel#1:ignore'], steps=0)
    trend = ('--strategy', 'trend', '--param', 'fast_bars=2', '--param', 'slow_bars=4', '--param', 'stop_fraction=0.2')
    with _daemon(peer, '--on-stop', 'cancel', '--stop-timeout-ms', '30000', strategy=trend) as daemon:
        daemon.wait_for('started')

        def rests():
            return [row for row in peer.record.working() if row['type'] == 'stop' and row['status'] == 'accepted']
        for _ in range(60):
            if peer.do(rests):
                break
            peer.step()
            peer.wait(lambda: peer.steps == 0 and peer.is_acked(), PATIENCE_S)
        assert peer.do(rests), daemon.log
        daemon.stop()
        assert 'cancel-repeated' in daemon.log and 'left-order' not in daemon.log, daemon.log
    assert not peer.do(rests)
    _agree(peer)
    peer.stop()


def reports_that_never_came_are_asked_for():
    """Their numbers have no gaps, so the next one tells of them: here a fill, and the order that tells of it."""
    peer = _peer(faults=['fill#2:lose', 'order#4:lose'])
    with _daemon(peer) as daemon:
        daemon.wait_for('reports-missing')
        _wait_until(lambda: len(_books()[1]) == len(peer.books(_session_of(peer))['fills']), daemon)
        peer.wait_done(PATIENCE_S)
        daemon.stop()
        assert 'HALTED' not in daemon.log, daemon.log
    _agree(peer)
    peer.stop()


def a_daemon_that_is_stopping_acknowledges_nothing_that_it_does_not_journal():
    """The gateway may forget what was acknowledged, and the next process is to decide upon it."""
    peer = _peer([_bars(400)], faults=['cancel#1:ignore'], free=True, pace=0.05)
    trend = ('--strategy', 'trend', '--param', 'fast_bars=2', '--param', 'slow_bars=4', '--param', 'stop_fraction=0.2')
    with _daemon(peer, '--on-stop', 'cancel', '--stop-timeout-ms', '30000', strategy=trend) as daemon:
        daemon.wait_for('started')
        peer.wait(lambda: [row for row in peer.record.working() if row['type'] == 'stop'], PATIENCE_S)
        daemon.stop()
    db = sqlite3.connect('file:s.db?mode=ro', uri=True)
    journaled = int(db.execute("select value from meta where key='feed_sequence'").fetchone()[0])
    db.close()
    assert 0 < peer.do(lambda: peer.acked) <= journaled < peer.do(lambda: peer.record.mark('seq'))
    _agree(peer)
    peer.stop()


def a_gateway_that_has_lost_its_whole_record_is_heard_again():
    """It begins at 1 once more, and says so; what passed between is told to be unknown."""
    peer = _peer([_bars(60)], steps=30)
    with _daemon(peer) as daemon:
        peer.wait(lambda: peer.steps == 0 and peer.is_acked(), PATIENCE_S)

        def forget():
            with peer.record.durable():
                peer.record.db.execute('delete from feed')
                peer.record.set_mark('seq', 0)
            for connection in list(peer.connections):
                peer.close(connection)
        peer.do(forget)
        daemon.wait_for('it has lost its record')
        peer.run()
        peer.wait_done(PATIENCE_S)
        seen = sqlite3.connect('file:s.db?mode=ro', uri=True).execute(
            "select value from meta where key='last_instant_ns'").fetchone()[0]
        assert int(seen) == peer.market.times[-1], (seen, daemon.log)
        daemon.stop()
    peer.stop()


def a_silent_or_half_open_gateway_is_left():
    """After three heartbeats; the new connection ends the old one at the other side."""
    for name, peer, _, log in _faults(('ack#9:half_open', 'ack#9:silence')):
        assert 'nothing heard' in log and len(peer.hellos) == 2, (name, log)


def a_bar_that_cannot_be_used_is_left_out_and_counted():
    """The session goes on without it."""
    peer = _peer(faults=['bar#9:bad', 'opening#12:bad'])
    log = _play(peer)
    _agree(peer)
    assert 'gateway-message-ignored' in log, log
    peer.stop()


def the_feed_goes_on_where_the_journal_ends():
    """Dropped again and again between two bars: the fills are the backtest's."""
    series = [_bars(60)]
    peer = _peer(series, steps=10)
    with _daemon(peer) as daemon:
        for end in (10, 20, 30, 61):
            peer.wait(lambda: peer.record.mark('instant') >= end and peer.is_acked(), PATIENCE_S)
            peer.drop()
            peer.step(10 if end < 30 else 31)
        peer.wait_done(PATIENCE_S)
        daemon.stop()
    _, fills = _agree(peer)
    tested, _ = _backtest(series)
    assert [fill[1:] for fill in fills] == tested, (fills, tested)
    assert [hello['feed_sequence'] > 0 for hello in peer.hellos] == [False] + [True] * (len(peer.hellos) - 1)
    peer.stop()


def bars_that_nobody_kept_come_as_history_and_trade_nothing():
    """The gateway went on without us and forgot: what was missed is told, late, and marked as such."""
    peer = _peer([_bars(60)], steps=10, keep=2)
    with _daemon(peer) as daemon:
        peer.wait(lambda: peer.record.mark('instant') >= 10 and peer.is_acked(), PATIENCE_S)
        peer.do(lambda: (setattr(peer, 'free', True), setattr(peer, 'steps', 30),
                         [peer.close(c) for c in list(peer.connections)], [peer.go_on() for _ in range(60)],
                         setattr(peer, 'free', False)))
        daemon.wait_for('were fetched as history')
        before = len(peer.submits)
        peer.run()
        peer.wait_done(PATIENCE_S)
        daemon.stop()
        assert 'missed=1' in daemon.log, daemon.log
    _agree(peer)
    assert before <= len(peer.submits)
    peer.stop()


def what_passed_in_an_outage_is_learned_and_only_the_latest_bar_is_decided_upon():
    """Thirty bars at once: their orders would all have met one price, and paid for each turn."""
    peer = _peer([_bars(60)], steps=10)
    with _daemon(peer) as daemon:
        peer.wait(lambda: peer.record.mark('instant') >= 10 and peer.is_acked(), PATIENCE_S)
        before = len(peer.submits)
        peer.do(lambda: ([peer.close(c) for c in list(peer.connections)], setattr(peer, 'steps', 0),
                         [peer.go_on() for _ in range(60)]))
        daemon.wait_for('bars passed while the feed was away')
        peer.wait(peer.is_acked, PATIENCE_S)
        assert len(peer.submits) - before <= 1, peer.submits
        peer.run()
        peer.wait_done(PATIENCE_S)
        assert len(peer.submits) - before > 3, peer.submits
        daemon.stop()
    db = sqlite3.connect('file:s.db?mode=ro', uri=True)
    told = [struct.unpack('<qII', row[0][:16]) for row in db.execute(
        "select bytes from inputs join input_kinds using(kind) where name = 'INSTANT' order by number")]
    closed = [instant for instant, _, closing in told if closing]
    assert closed == sorted(set(closed)) and len(closed) == 60, closed  # each once
    assert len([1 for _, flags, closing in told if closing and flags & 1]) == 29, told
    _agree(peer)
    peer.stop()


def a_strategy_is_warm_before_the_first_bar():
    """From the gateway's history; no order comes of it."""
    series = [_bars(60)]
    peer = _peer(series, history=30)
    log = _play(peer)
    assert 'gateway-history bars=' in log and 'gateway-history bars=0' not in log, log
    _, fills = _agree(peer)
    tested, _ = _backtest(series, '--from', '2024-01-01 00:30')
    assert [fill[1:] for fill in fills] == tested and tested, (fills, tested)
    peer.stop()


def what_a_gateway_kept_from_before_the_session_is_not_traded_on():
    """Not even where the first connection is lost before anything has come: a session resumes only what it began."""
    series = [_bars(60)]
    peer = _peer(series, faults=['start#1:drop_after'])
    peer.do(lambda: [peer.go_on() for _ in range(2 * 30)])  # nobody is there yet
    _play(peer)
    _, fills = _agree(peer)
    tested, _ = _backtest(series, '--from', '2024-01-01 00:30')
    assert [fill[1:] for fill in fills] == tested and tested, (fills, tested)
    assert len(peer.hellos) == 2, peer.hellos
    peer.stop()


def positions_that_differ_halt_the_session():
    """And nothing goes out any more."""
    peer = _peer(faults=['query#1*:position=3'], steps=8)
    with _daemon(peer) as daemon:
        peer.wait(lambda: peer.record.mark('instant') >= 8 and peer.is_acked(), PATIENCE_S)
        peer.run()
        peer.wait(lambda: peer.record.one('select count(*) as n from fills')['n'] % 2 == 1, PATIENCE_S)
        peer.pause()
        peer.drop()
        daemon.wait_for('positions differ')
        daemon.wait_for('halted: mismatch')
        sent = len(peer.submits)
        peer.run()
        peer.wait_done(PATIENCE_S)
        assert len(peer.submits) == sent
        daemon.stop()
    _agree(peer)
    peer.stop()


def once_the_books_agree_again_the_session_can_be_armed():
    """The refused arm asks for the broker's books; nobody has to break the connection."""
    peer = _peer(faults=['query#1*:position=3'], steps=8)
    with _daemon(peer, '--token-file', 'token', api='127.0.0.1:0') as daemon:
        port = re.search(r'port=(\d+)', daemon.wait_for('control-listening')).group(1)

        def ctl(*verb):
            return duet('ctl', '--url', 'http://127.0.0.1:' + port, '--token-file', 'token', *verb)
        peer.wait(lambda: peer.record.mark('instant') >= 8 and peer.is_acked(), PATIENCE_S)
        peer.run()
        peer.wait(lambda: peer.record.one('select count(*) as n from fills')['n'] % 2 == 1, PATIENCE_S)
        peer.pause()
        peer.drop()
        daemon.wait_for('halted: mismatch')
        peer.do(lambda: peer.faults.rules.clear())  # set right there
        assert ctl('resume').code == 0
        assert 'positions differ' in ctl('arm', '--yes').err
        peer.step()  # data that is old is no reason either
        _wait_until(lambda: ctl('arm', '--yes').code == 0, daemon)
        assert len(peer.hellos) == 2, peer.hellos
        peer.run()
        peer.wait_done(PATIENCE_S)
        daemon.stop()
    _agree(peer)
    peer.stop()


def who_comes_with_an_older_epoch_can_do_nothing():
    """Another process has the session at the gateway: ours is refused, says so, and sends nothing."""
    peer = _peer(steps=6)
    with _daemon(peer) as daemon:
        peer.wait(lambda: peer.record.mark('instant') >= 6 and peer.is_acked(), PATIENCE_S)
        session = _session_of(peer)
        peer.do(lambda: (peer.record.set_epoch(session, 1 << 40), [peer.close(c) for c in list(peer.connections)]))
        daemon.wait_for('refused: epoch')
        peer.run()
        daemon.wait_for('link-down', 3)
        assert peer.do(lambda: peer.record.mark('instant')) == 6
        daemon.stop()
    peer.stop()


def a_session_killed_in_an_outage_is_armed_once_its_data_is_back():
    """`arm` is for every restart: refused while the feed that was lost has not spoken, it comes when that has."""
    peer = _peer([_bars(60)], steps=20)
    with _daemon(peer) as daemon:
        peer.wait(lambda: peer.steps == 0 and peer.is_acked(), PATIENCE_S)
        peer.drop()
        daemon.wait_for('code=disconnect')
        daemon.tell(signal.SIGKILL).end()
    with _daemon(peer) as daemon:
        daemon.wait_for('started')
        assert _trading() == 'REDUCING', daemon.log
        peer.run()
        _wait_until(lambda: _trading() == 'ACTIVE', daemon)
        peer.wait_done(PATIENCE_S)
        daemon.stop()
    _agree(peer)
    peer.stop()


def a_token_is_shown_and_a_wrong_one_is_refused():
    """From a file that only its owner can read."""
    with open(os.open('token', os.O_CREAT | os.O_WRONLY, 0o600), 'w') as file:
        file.write('0123456789abcdef0123456789abcdef')
    peer = _peer(token='0123456789abcdef0123456789abcdef')
    log = _play(peer, '--gateway-token-file', 'token')
    _agree(peer)
    assert '0123456789abcdef' not in log
    peer.stop()
    peer = _peer(token='another', record='another.db')
    with _daemon(peer, '--gateway-token-file', 'token', '--start-timeout-ms', '1500', session='t.db') as daemon:
        assert daemon.end() == 1
        assert 'refused: token' in daemon.log and '0123456789abcdef' not in daemon.log, daemon.log
    peer.stop()


def bars_are_built_where_the_gateway_has_trades_only():
    """On the clock's grid; the fills are those of the bars that the trades make up."""
    series = [_bars(16, interval=SECOND)]
    peer = _peer(series, ticks=4, bars=False)
    _play(peer, data=('A=gateway,interval=1s,decimals=2',))
    _, fills = _agree(peer)
    tested, _ = _backtest(series)
    assert [fill[1:] for fill in fills] == tested and tested, (fills, tested)
    peer.stop()


def longer_bars_are_made_of_those_of_the_gateway():
    """Five minutes and bricks out of minutes: the fills are the backtest's, with a lost connection too, and proven."""
    series = [_bars(240)]
    for bars, faults in (('5m', None), ('5m', ['bar#33:drop_before', 'bar#71:drop']), ('renko:0.05', None),
                         ('tick:3', None)):
        name = bars.replace(':', '-') + ('-faults' if faults else '')
        peer = _peer(series, record=name + '.peer.db', faults=faults or [])
        _play(peer, data=('A=gateway,interval=1m,decimals=2,bars=' + bars,), session=name + '.db')
        _, fills = _agree(peer, name, name + '.db')
        peer.stop()
        series[0].write_csv('A.csv')
        run = duet('backtest', '--json', '--quiet', *STRATEGY, '--data', 'A=A.csv,bars=' + bars, '--fills', 'f.csv')
        tested = [(Decimal(row['quantity']), Decimal(row['price'])) for row in rows('f.csv')]
        assert run.code == 0 and len(tested) > 3, (bars, run)
        assert [fill[1:] for fill in fills] == tested, (bars, fills, tested)
        assert duet('replay', name + '.db', '--verify').code == 0


def a_feed_that_stands_still_is_stale_until_it_goes_on():
    """Told, and told again."""
    peer = _peer(steps=10)
    with _daemon(peer, '--stale-ms', '400') as daemon:
        daemon.wait_for('code=stale')
        peer.run()
        peer.wait_done(PATIENCE_S)
        daemon.stop()
    _agree(peer)
    peer.stop()


def a_feed_of_nothing_that_can_be_used_is_stale():
    """Cents where whole numbers were agreed: it speaks all the time, and no new risk is taken all the same."""
    peer = _peer([_bars(60)], pace=0.2)
    with _daemon(peer, '--stale-ms', '1000', data=('A=gateway,interval=1m,decimals=0',)) as daemon:
        daemon.wait_for('code=stale')
        assert peer.do(lambda: peer.record.mark('instant')) < 59, 'the market goes on'
        daemon.stop()
    peer.stop()


def a_killed_daemon_comes_back_to_the_same_books():
    """kill -9 in the middle, again and again; an order in doubt is asked for, never repeated."""
    peer = _peer([_bars(120)])
    for round_number in range(4):
        with _daemon(peer) as daemon:
            daemon.wait_for('gateway-up')
            goal = peer.do(lambda: peer.record.mark('instant')) + 18 + 3 * round_number
            peer.wait(lambda: peer.record.mark('instant') >= goal, PATIENCE_S)
            daemon.tell(signal.SIGKILL).end()
    _play(peer)
    orders, fills = _agree(peer)
    assert len(fills) > 10, fills
    peer.stop()


def the_gateway_of_the_manual_trades():
    """docs/gateway.md, its last chapter, as it stands there; both sides are killed on the way."""
    manual = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs', 'gateway.md')
    with open(manual, encoding='utf-8') as file:
        write('toy.py', file.read().split('```python\n', 1)[1].split('```', 1)[0])
    with socket.create_server(('127.0.0.1', 0)) as free:
        port = free.getsockname()[1]

    def begin():
        return subprocess.Popen([sys.executable, 'toy.py', str(port)])

    class Address:
        address = '127.0.0.1:%d' % port
    process = begin()
    try:
        for signal_number, fills in ((signal.SIGKILL, 2), (None, 4)):
            with _daemon(Address, data=('TOY=gateway,interval=1s,decimals=2',)) as daemon:
                _wait_fills(daemon, fills)
                if signal_number is not None:
                    daemon.tell(signal_number).end()
                    continue
                process.kill()
                process.wait()
                daemon.wait_for('gateway-down')
                process = begin()
                daemon.wait_for('gateway-up', 2)
                _wait_fills(daemon, 5)
                daemon.stop()
    finally:
        process.kill()
        process.wait()
    assert duet('replay', 's.db', '--verify').code == 0
    orders, fills, _ = _books()
    with open('tiny.log') as file:
        theirs = [line for line in map(json.loads, file) if line.get('type') == 'fill']
    ids = [line['id'] for line in theirs]
    assert ids == sorted(set(ids), key=lambda order_id: int(order_id.split('-')[-1])), ids
    assert {fill[0] for fill in fills} <= {line['id'] for line in theirs} and len(fills) >= len(theirs) - 1, orders


def a_gateway_that_is_killed_comes_back_with_its_record():
    """The peer as a process of its own, killed in the middle."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gateway', 'peer.py')
    command = [sys.executable, here, '--listen', 'unix:peer.sock', '--record', 'peer.db', '--bars', 'A=160,seed=3']

    def begin():
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        return process

    def end(process):
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    process = begin()

    class Address:
        address = 'unix:peer.sock'
    try:
        with _daemon(Address) as daemon:
            for times, fills in ((1, 3), (2, 8)):
                _wait_fills(daemon, fills)
                end(process)
                daemon.wait_for('gateway-down', times)
                process = begin()
            daemon.wait_for('gateway-up', 3)
            _wait_until(lambda: _has_ended('peer.db', 161), daemon)
            _wait_until(lambda: not [row for row in _books()[0].values() if row[0] == 'SUBMITTED'], daemon)
            daemon.stop()
    finally:
        end(process)
    peer = _peer([])
    peer.wait(lambda: peer.record is not None)
    _agree(peer)
    peer.stop()


if __name__ == '__main__':
    main(globals())
