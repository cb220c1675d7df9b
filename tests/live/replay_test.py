"""Proof of sessions: what `duet replay` and `duet explain` say of journals that the daemon has written."""
import hashlib
import os
import random
import re
import shutil
import signal
import sqlite3
import time

from daemon import PLUGINS, Daemon, Skip, duet, live, main, synth, write

KILLS = int(os.environ.get('DUET_TEST_KILLS', '6'))


def _plugin(name):
    path = os.path.join(PLUGINS, name + '.so')
    if not PLUGINS or not os.path.exists(path):
        raise Skip('needs the test plugins')
    return path


def _session(strategy, *args, bars=800, count=1, session='s.db'):
    data = []
    for i in range(count):
        if not os.path.exists('x%d.csv' % i):
            synth('x%d.csv' % i, bars, i + 1)
        data += ['--data', 'X%d=x%d.csv' % (i, i)]
    run = live('--json', '--arm', '--speed', '0', '--session', session, '--strategy', strategy, '--log', 'warn', *data,
               *args)
    assert run.code == 0, run
    return run.json()


def _rows(sql, path='s.db'):
    database = sqlite3.connect('file:%s?mode=ro' % path, uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def _change(sql, *values, path='s.db'):
    database = sqlite3.connect(path)
    database.execute(sql, values)
    database.commit()
    database.close()


def _digest(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


def _verified(path='s.db', *args):
    run = duet('replay', '--verify', '--json', path, *args)
    assert run.code == 0, run
    result = run.json()
    assert result['result'] == 'identical' and result['first_difference'] is None
    return result


def a_finished_session_is_proven():
    """In words and as JSON; hashes are those of the session."""
    for i, (strategy, count) in enumerate((('sma_cross', 1), ('trend', 3), ('buy_and_hold', 2))):
        path = 's%d.db' % i
        played = _session(strategy, count=count, session=path)
        run = duet('replay', path, '--verify')
        inputs = _rows('SELECT count(*) FROM inputs', path)[0][0]
        orders = _rows('SELECT count(*) FROM outputs JOIN event_types USING (type) WHERE name = "ORDER"', path)[0][0]
        assert run.code == 0 and orders > 0, run
        assert run.out.startswith('%s: %d inputs, %d decisions identical\n' % (path, inputs, orders)), run
        result = _verified(path)
        assert (result['inputs'], result['decisions']) == (inputs, orders)
        assert result['event_hash'] == played['event_hash'], (result, played)
        assert result['decision_hash'] == played['decision_hash']


def timers_random_numbers_and_computations_are_proven():
    """Whatever the run hands to a strategy comes out of the record again."""
    for name in ('varied', 'features'):
        _session(_plugin(name), count=2, session=name + '.db')
        assert _verified(name + '.db')['outputs'] > 0


def a_proof_changes_nothing_and_needs_no_data():
    """The file stays as it is, byte for byte; the bars in it are enough."""
    _session('sma_cross')
    os.remove('x0.csv')
    shutil.rmtree('.cache-home', ignore_errors=True)
    before = _digest('s.db')
    _verified()
    assert duet('replay', 's.db').code == 0
    assert duet('explain', 's.db', '1').code == 0
    assert _digest('s.db') == before


def a_summary_says_what_is_in_a_session():
    """Without --verify."""
    played = _session('sma_cross')
    run = duet('replay', 's.db')
    assert run.code == 0 and 'strategy   sma_cross, file' in run.out and 'ended in order' in run.out, run
    result = duet('replay', 's.db', '--json').json()
    assert result['outputs']['FILL'] == played['fills'], (result, played)
    assert (result['cash'], result['clean'], result['epoch']) == (played['final_cash'], True, 1), result


def a_running_session_is_proven():
    """As far as it is; the daemon is not disturbed."""
    synth('x.csv', 20000, 1)
    args = ('--strategy', 'sma_cross', '--arm', '--session', 's.db', '--data', 'X=x.csv')
    with Daemon(*args, '--speed', '60000') as daemon:
        daemon.wait_for('code=fill')
        first = _verified()
        daemon.wait_for('code=fill', 4)
        second = _verified()
        assert second['inputs'] > first['inputs'] and second['decisions'] > first['decisions'], (first, second)
        daemon.stop()
    assert _verified()['inputs'] > second['inputs']


def a_killed_session_is_proven_and_goes_on():
    """kill -9 again and again: each time the record holds, and at the end the fills are those of a session that was
    never touched."""
    synth('x.csv', 3000, 5)
    args = ('--strategy', 'sma_cross', '--param', 'fast=3', '--param', 'slow=9', '--arm', '--data', 'X=x.csv',
            '--log', 'info', '--snapshot-s', '1')
    assert live(*args, '--session', 'whole.db', '--speed', '0').code == 0
    rng = random.Random(7)
    for i in range(KILLS):
        with Daemon(*args, '--session', 's.db', '--speed', '12000') as daemon:
            daemon.wait_for('started')
            time.sleep(rng.uniform(0, 0.4))
            daemon.tell(signal.SIGKILL)
            assert daemon.end() == -signal.SIGKILL, daemon.log
        _verified()
    assert live(*args, '--session', 's.db', '--speed', '0').code == 0
    assert _verified()['inputs'] > 3000
    books = 'SELECT order_id, side, quantity, price, commission, time_ns FROM fills ORDER BY sequence'
    assert len(_rows(books)) > 50
    assert _rows(books) == _rows(books, 'whole.db')
    assert _rows('SELECT cash FROM account') == _rows('SELECT cash FROM account', 'whole.db')
    assert _rows('SELECT value FROM meta WHERE key = "epoch"') == [(str(KILLS + 1),)]


def who_decides_by_what_no_record_has_is_found_out():
    """A clock, random numbers, addresses, a race: exit 4, the first output that differs, and its cause."""
    for name in ('astray_clock', 'astray_draw', 'astray_pointers', 'astray_race'):
        _session(_plugin(name), bars=100, session=name + '.db')
        run = duet('replay', name + '.db', '--verify')
        assert run.code == 4, run
        assert re.search(r'^first difference: event \d+, ORDER, caused by input \d+, INSTANT .* closing X0 1m', run.out,
                         re.M), run
        assert re.search(r'^> quantity +\d+ +\d+$', run.out, re.M), run
        assert re.match(r'duet: first difference at event \d+ \(ORDER\): quantity \d+, not \d+; caused by input \d+, ',
                        run.err) and run.err.count('\n') == 1, run
        result = duet('replay', name + '.db', '--verify', '--json')
        assert result.code == 4 and '"result":"different"' in result.out, result


def a_flipped_byte_is_named():
    """In an output, an input, and the number of one; the recovery finds it as well."""
    _session('sma_cross')
    sequence, good = _rows('SELECT sequence, bytes FROM outputs JOIN event_types USING (type) WHERE name = "FILL"')[3]
    shutil.copy('s.db', 'copy.db')
    bad = bytearray(good)
    bad[36 + 56] ^= 1  # the price, behind the header
    _change('UPDATE outputs SET bytes = ? WHERE sequence = ?', bytes(bad), sequence, path='copy.db')
    run = duet('replay', '--verify', 'copy.db')
    assert run.code == 4 and 'event %d, FILL' % sequence in run.out, run
    assert re.search(r'^> price ', run.out, re.M), run
    run = live('--strategy', 'sma_cross', '--session', 'copy.db', '--data', 'X0=x0.csv', '--speed', '0')
    # A snapshot that is newer than the damage starts behind it.
    assert run.code in (0, 4), run

    shutil.copy('s.db', 'copy.db')
    _change('UPDATE outputs SET cause = cause + 1 WHERE sequence = ?', sequence, path='copy.db')
    run = duet('replay', '--verify', 'copy.db')
    assert run.code == 4 and 'output %d of the journal' % sequence in run.out, run

    shutil.copy('s.db', 'copy.db')
    _change('DELETE FROM fills WHERE sequence = ?', sequence, path='copy.db')
    _change('DELETE FROM outputs WHERE sequence = ?', sequence, path='copy.db')
    run = duet('replay', '--verify', 'copy.db')
    assert run.code == 4 and 'the journal does not have it' in run.out and 'event %d, FILL' % sequence in run.out, run

    shutil.copy('s.db', 'copy.db')
    _change('INSERT INTO outputs SELECT 1000000000, cause, (SELECT max(number) FROM inputs), type, bytes FROM outputs '
            'WHERE sequence = ?', sequence, path='copy.db')
    run = duet('replay', '--verify', 'copy.db')
    assert run.code == 4 and 'the replay does not have it' in run.out, run

    bars = bytearray(_rows('SELECT bytes FROM inputs WHERE number = 100')[0][0])
    bars[70] ^= 1
    _change('UPDATE inputs SET bytes = ? WHERE number = 100', bytes(bars))
    run = duet('replay', '--verify', 's.db')
    assert run.code == 3 and 'input 100 is damaged' in run.err, run


def every_kind_of_output_is_compared():
    """One row of each type changed in its last byte: each is found."""
    _session(_plugin('varied'), count=2, bars=300)
    kinds = _rows('SELECT name, max(sequence) FROM outputs JOIN event_types USING (type) GROUP BY name')
    assert {'ORDER', 'ORDER_STATUS', 'FILL', 'POSITION', 'ACCOUNT', 'SIGNAL'} <= {name for name, _ in kinds}, kinds
    for name, sequence in kinds:
        shutil.copy('s.db', 'copy.db')
        changed = bytearray(_rows('SELECT bytes FROM outputs WHERE sequence = %d' % sequence)[0][0])
        changed[-1] ^= 0x40
        _change('UPDATE outputs SET bytes = ? WHERE sequence = ?', bytes(changed), sequence, path='copy.db')
        run = duet('replay', '--verify', 'copy.db')
        assert run.code == 4 and 'event %d' % sequence in run.out, (name, run)


def another_strategy_file_is_refused_unless_named():
    """The hash in the record decides; a build that decides the same is proven, another strategy is found out."""
    shutil.copy(_plugin('varied'), 'mine.so')
    _session('./mine.so', bars=200)
    assert _verified()['decisions'] > 0
    with open('mine.so', 'ab') as file:
        file.write(b'\0')  # the same code in another file
    run = duet('replay', '--verify', 's.db')
    assert run.code == 2 and 'is another file now' in run.err, run
    _verified('s.db', '--strategy', './mine.so')
    run = duet('replay', '--verify', 's.db', '--strategy', 'sma_cross')
    assert run.code in (2, 4), run
    os.remove('mine.so')
    run = duet('replay', '--verify', 's.db')
    assert run.code == 2 and '--strategy' in run.err, run
    run = duet('explain', 's.db', '1')  # says what it can
    assert run.code == 0 and 'X0 opens at' in run.out, run


def an_order_is_explained():
    """Back to the bar, forward to the end; by number or by the broker's id."""
    _session('sma_cross')
    client_id, order_id = _rows('SELECT (SELECT value FROM meta WHERE key = "order_prefix") || order_id, order_id '
                                "FROM orders WHERE status = 'FILLED' LIMIT 1")[0]
    run = duet('explain', 's.db', order_id)
    assert run.code == 0 and run.out == duet('explain', 's.db', client_id).out, run
    why, then = run.out.split('what became of it')
    assert re.match(r'ORDER %d: BUY 100 X0 MARKET \(cross up\)\n%s, FILLED\n' % (order_id, client_id), why), why
    assert re.search(r'input \d+ +INSTANT .* closing X0 1m', why), why
    assert re.search(r'X0 1m .* close [\d.]+ volume', why), why
    assert re.search(r'X0 opens at [\d.]+\n.* FILL \d+ of order %d: BUY 100 X0 at' % order_id, then), then
    assert 'FILLED, 100 of 100 filled' in then and 'POSITION X0: 100' in then, then
    result = duet('explain', 's.db', order_id, '--json').json()
    assert result['order'] == order_id and result['status'] == 'FILLED' and len(result['then']) >= 4
    for wrong in ('999999', 'other-1', '0', '-1', 'x'):
        run = duet('explain', 's.db', '--', wrong)
        assert run.code == 2 and run.err.count('\n') == 1, run


def what_is_no_session_is_refused():
    """One line, and a code that says of what kind."""
    write('bars.csv', 'time,open\n' * 100)
    write('empty.db', '')
    for code, args in ((2, ()), (2, ('none.db',)), (3, ('bars.csv',)), (3, ('empty.db',)), (2, ('a.db', 'b.db')),
                       (2, ('--strategy', 'trend', 's.db')), (2, ('--what', 's.db'))):
        run = duet('replay', *args)
        assert run.code == code and run.err.count('\n') == 1, (args, run)
    assert duet('replay', '--help').code == 0 and duet('explain', '--help').code == 0


if __name__ == '__main__':
    main(globals())
