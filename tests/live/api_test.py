"""The control interface of the real daemon: the schema of every answer, who is let in, and that only commands that are
allowed change anything. docs/api.md says the same in words.
"""
import json
import os
import re
import sqlite3
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schema import (DECIMAL, HASH, TIME, TRUE, check, count, map_of, matching, one_of, positive)  # noqa: E402
from serving import Daemon, Events, WebSocket, bars, duet, main, wait_until, write  # noqa: E402

TRADING = one_of('DISARMED', 'REDUCING', 'ACTIVE', 'HALTED')
LEVEL = one_of('healthy', 'degraded', 'unhealthy')
MS = (None, float)

STATUS = {'ok': TRUE, 'version': str, 'pid': positive, 'started': TIME, 'uptime_s': float, 'time': TIME,
          'strategy': str, 'broker': one_of('paper', 'gateway'), 'real_money': bool, 'stopping': bool,
          'trading': TRADING, 'trading_reason': (None, str), 'health': LEVEL,
          'feed': {'kind': one_of('file', 'gateway'), 'over': bool, 'stale': bool, 'file_bars': count,
                   'file_bars_total': count, 'last_instant': (None, TIME), 'age_s': (None, float)},
          'gateway': (None, {'up': bool, 'reconciled': bool, 'epoch': count, 'reconnects': count, 'messages': count,
                             'ignored': count, 'late_bars': count, 'missed_bars': count, 'feed_sequence': count,
                             'last_message': (None, TIME), 'error': (None, str)}),
          'cash': DECIMAL, 'equity': DECIMAL, 'gross': DECIMAL, 'open_positions': count, 'working_orders': count,
          'in_doubt': count}
ORDER = {'order_id': positive, 'client_id': str, 'symbol': str, 'side': one_of('BUY', 'SELL'),
         'type': one_of('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT'), 'time_in_force': str, 'quantity': DECIMAL,
         'filled': DECIMAL, 'price': (None, DECIMAL), 'stop_price': (None, DECIMAL), 'average_price': (None, float),
         'commission': DECIMAL, 'status': str, 'reason_code': (None, str), 'reason': str, 'flags': [str],
         'created': (None, TIME), 'updated': (None, TIME)}
ORDERS = {'ok': TRUE, 'orders': [ORDER], 'count': count, 'total': count}
POSITION = {'symbol': str, 'quantity': DECIMAL, 'average_price': (None, float), 'mark': (None, DECIMAL),
            'value': DECIMAL, 'cost': DECIMAL, 'unrealized_pnl': DECIMAL, 'realized_pnl': DECIMAL,
            'commission': DECIMAL, 'working': DECIMAL, 'target': (None, float)}
ACCOUNT = {'ok': TRUE, 'currency': str, 'initial_cash': DECIMAL, 'cash': DECIMAL, 'equity': DECIMAL, 'gross': DECIMAL,
           'leverage': float, 'realized_pnl': DECIMAL, 'unrealized_pnl': DECIMAL, 'commission': DECIMAL,
           'slippage': DECIMAL, 'ruined': bool, 'orders': count, 'fills': count, 'rejected': count, 'cancelled': count,
           'expired': count, 'denied': map_of(positive)}
STRATEGIES = {'ok': TRUE, 'count': positive, 'strategies': [{
    'name': str, 'plugin_sha256': matching('64 digits', '[0-9a-f]{64}'), 'params': map_of((int, float, bool)),
    'warm': bool, 'series': [{'symbol': str, 'interval_s': float, 'primary': bool, 'executes': bool,
                              'warm_up_left': count}],
    'targets': [{'symbol': str, 'target': float, 'held': DECIMAL, 'working': DECIMAL}]}]}
TASKS = {'ok': TRUE, 'pending': count,
         'jobs': [{'name': str, 'period_s': float, 'next': (None, TIME), 'running': bool, 'runs': count,
                   'failures': count, 'skipped': count, 'timeouts': count, 'error': (None, str)}],
         'operations': [{'id': positive, 'name': str, 'began': TIME, 'age_s': float}]}
SESSION = {'ok': TRUE, 'journal': str, 'order_prefix': str, 'epoch': positive, 'recovered': bool, 'ended_clean': bool,
           'inputs': count, 'outputs': count, 'turns': count, 'commits': count, 'dropped': count, 'waiting': count,
           'commit_ms_max': count, 'blocked': bool, 'error': (None, str), 'feed_sequence': count,
           'last_instant': (None, TIME), 'event_hash': HASH, 'decision_hash': HASH}
SUMMARY = {'total': count, 'failed': count, 'success_rate_percent': MS, 'average_ms': MS, 'p50_ms': MS, 'p95_ms': MS,
           'p99_ms': MS, 'max_ms': MS, 'throughput_per_s': MS}
FACTS = {'summary': SUMMARY,
         'queue': {'depth': count, 'depth_max': count, 'capacity': positive, 'accepted': count, 'completed': count,
                   'failed': count, 'discarded': count, 'refused': count, 'joined': count, 'timed_out': count,
                   'retried': count},
         'workers': {'count': positive, 'busy': count, 'idle': count, 'processes': count, 'process_restarts': count,
                     'breaker_open': bool},
         'loop_lag': {'samples': count, 'average_ms': MS, 'p50_ms': MS, 'p95_ms': MS, 'p99_ms': MS, 'max_ms': MS,
                      'missed': count}}
RECENT = dict(FACTS, ok=TRUE, count=count, recent_operations=[{
    'operation': str, 'began': TIME, 'duration_ms': float, 'success': bool, 'error': (None, str)}])
SUMMARIES = dict(FACTS, ok=TRUE, by_operation=map_of(SUMMARY))
HEALTH = {'ok': TRUE, 'healthy': bool, 'status': LEVEL, 'issues': [{'code': str, 'text': str}],
          'metrics': dict(FACTS, feed_stale=bool, broker_down=bool, journal_blocked=bool)}
ERROR = {'ok': one_of(False), 'error': {'code': matching('a code', '[a-z_]+'), 'message': str}}

MEASURED = {'operations': count, 'failed': count, 'refused': count, 'success_rate': float, 'wall_s': float,
            'throughput': float, 'latency_average_ms': float, 'latency_p95_ms': float, 'lag_average_ms': float,
            'lag_p50_ms': float, 'lag_p95_ms': float, 'lag_max_ms': float, 'lag_samples': count, 'events': count}
BENCHMARK = {'benchmark': one_of('feature-computation', 'signal-generation'), 'time': TIME, 'num_operations': positive,
             'operation_ms': positive, 'workers': positive, 'queue': positive, 'baseline': MEASURED,
             'optimised': MEASURED, 'improvements': {'lag_p95_percent': float, 'lag_average_percent': float,
                                                     'lag_max_percent': float, 'throughput_percent': float}}

VIEWS = {'/status': STATUS, '/orders': ORDERS, '/positions': {'ok': TRUE, 'positions': [POSITION], 'count': count},
         '/account': ACCOUNT, '/strategies': STRATEGIES, '/tasks': TASKS, '/session': SESSION,
         '/performance/metrics': RECENT, '/performance/metrics/summary': SUMMARIES, '/performance/health': HEALTH,
         '/health': HEALTH, '/performance/benchmarks': {'ok': TRUE, 'benchmarks': [BENCHMARK], 'count': count,
                                                        'running': (None, str)}}
DECIDED = {'command': str, 'ok': TRUE, 'trading': TRADING, 'reason': str}
ARMED = dict(DECIDED, account={'cash': DECIMAL, 'equity': DECIMAL, 'gross': DECIMAL, 'day_loss': DECIMAL},
             positions=[{'symbol': str, 'quantity': DECIMAL, 'working': DECIMAL, 'target': (None, float),
                         'mark': (None, DECIMAL), 'value': DECIMAL, 'unrealized': DECIMAL}],
             limits={'max_order_quantity': float, 'max_position': float, 'max_notional': DECIMAL,
                     'max_daily_loss': DECIMAL}, warm_up_left=count, in_doubt=count)
REPLIES = {'/arm': ARMED, '/halt': dict(DECIDED, cancelled=count, working=count), '/resume': DECIDED,
           '/flatten': dict(DECIDED, cancelled=count, closing=count, working=count),
           '/cancel-all': dict(DECIDED, cancelled=count, working=count)}
COMMANDS = ('arm', 'halt', 'resume', 'flatten', 'cancel-all', 'orders/1/cancel', 'reload', 'snapshot', 'stop',
            'performance/metrics/clear', 'performance/benchmarks/feature-computation',
            'performance/benchmarks/signal-generation', 'performance/benchmarks/clear')


def _armed(daemon):
    daemon.post('/api/v1/arm', {'reason': 'test'})
    wait_until(lambda: daemon.get('/api/v1/account')['fills'] >= 2)


def _commands():
    """Bytes of the operator commands in the journal, in order."""
    journal = sqlite3.connect('file:s.db?mode=ro', uri=True)
    found = [row[0] for row in journal.execute('select bytes from inputs where kind = 8 order by number')]
    journal.close()
    return found


def _refused(answer, status, code=None):
    assert answer.status == status, (answer.status, answer.text)
    assert answer.headers['Content-Type'].startswith('application/json'), answer.headers
    check(answer.json, ERROR)
    assert code is None or answer.json['error']['code'] == code, answer.text
    return answer.json['error']['message']


def every_view_answers_by_its_schema():
    """Before the first order, and with orders and positions; under /api/v1 and under /api."""
    with Daemon() as daemon:
        for path, schema in VIEWS.items():
            check(daemon.get('/api/v1' + path), schema, path)
        _armed(daemon)
        for path, schema in VIEWS.items():
            for root in ('/api/v1', '/api'):
                answer = daemon.ask('GET', root + path)
                assert answer.headers['Content-Type'].startswith('application/json'), path
                check(answer.json, schema, path)
        order = daemon.get('/api/v1/orders/1')
        check(order, {'ok': TRUE, 'order': ORDER})
        assert daemon.get('/api/v1/orders/' + order['order']['client_id']) == order
        check(daemon.get('/api/v1/positions?status=all')['positions'], [POSITION])
        daemon.stop()


def what_is_shown_is_what_is_booked():
    """Equity is cash and positions; orders add up; limits and filters of the list hold."""
    with Daemon() as daemon:
        _armed(daemon)
        daemon.post('/api/v1/halt')
        status, account = daemon.status(), daemon.get('/api/v1/account')
        assert status['trading'] == 'HALTED' and status['equity'] == account['equity']
        orders = daemon.get('/api/v1/orders?status=all&limit=2')
        assert orders['count'] == 2 and orders['total'] >= 2, orders
        assert orders['orders'][0]['order_id'] > orders['orders'][1]['order_id']
        working = daemon.get('/api/v1/orders?status=working')['orders']
        assert all(one['status'] in ('CREATED', 'SUBMITTED', 'ACCEPTED', 'TRIGGERED', 'PARTIALLY_FILLED')
                   for one in working), working
        session = daemon.get('/api/v1/session')
        assert session['journal'] == 's.db' and session['epoch'] == 1 and not session['recovered'], session


def health_is_open_and_says_little():
    """Without the token only that it is well; an idle daemon is."""
    with Daemon() as daemon:
        answer = daemon.ask('GET', '/api/v1/health', token=None)
        assert answer.status == 200 and answer.json == {'ok': True, 'healthy': True, 'status': 'healthy'}, answer.text
        assert daemon.ask('GET', '/api/health', token='0' * 64).json == answer.json
        check(daemon.get('/api/v1/health'), HEALTH)


def nothing_else_is_open():
    """401 for every other route without, and with a wrong, token; nothing changed, and nothing was journaled."""
    with Daemon(speed=0.001) as daemon:
        paths = [('GET', path) for path in VIEWS if path != '/health'] + [('POST', '/' + one) for one in COMMANDS] + \
                [('GET', '/stream'), ('GET', '/events'), ('GET', '/orders/1'), ('DELETE', '/orders/1')]
        for method, path in paths:
            for root in ('/api/v1', '/api'):
                for token in (None, '', 'wrong', daemon.token[:-1], daemon.token + 'x'):
                    answer = daemon.ask(method, root + path, token=token)
                    _refused(answer, 401, 'unauthorized')
                    assert answer.headers['WWW-Authenticate'] == 'Bearer'
                time.sleep(0.06)  # the limit on the rate is another test's
        _refused(daemon.ask('GET', '/metrics', token=None), 401)
        assert daemon.status()['trading'] == 'DISARMED' and _commands() == []
        assert daemon.token not in daemon.log


def pages_of_other_sites_are_refused():
    """403 for a foreign Origin or Host, whatever the token; our own origin is fine."""
    with Daemon(speed=0.001) as daemon:
        here = '127.0.0.1:%d' % daemon.port
        for command in COMMANDS:
            _refused(daemon.ask('POST', '/api/v1/' + command, headers={'Origin': 'http://evil.example'}), 403)
            _refused(daemon.ask('POST', '/api/v1/' + command, headers={'Host': 'evil.example'}), 403)
        for path in ('/stream', '/events', '/status'):
            _refused(daemon.ask('GET', '/api/v1' + path, headers={'Origin': 'http://evil.example'}), 403)
        assert daemon.status()['trading'] == 'DISARMED'
        assert daemon.ask('GET', '/api/v1/status', headers={'Origin': 'http://' + here}).status == 200


def unknown_paths_and_methods_are_named():
    """404, and 405 with what is allowed."""
    with Daemon(speed=0.001) as daemon:
        for path in ('/', '/api', '/api/v1', '/api/v2/status', '/api/v1/nothing', '/api/v1/orders/1/2', '/status'):
            _refused(daemon.ask('GET', path), 404, 'not_found')
        for method, path, allowed in (('GET', '/arm', 'POST'), ('POST', '/status', 'GET'), ('DELETE', '/halt', 'POST'),
                                      ('PUT', '/orders/1', 'GET, DELETE'), ('POST', '/performance/metrics', 'GET'),
                                      ('GET', '/performance/metrics/clear', 'POST')):
            answer = daemon.ask(method, '/api/v1' + path)
            _refused(answer, 405, 'method_not_allowed')
            assert answer.headers['Allow'] == allowed, (path, answer.headers['Allow'])
        _refused(daemon.ask('GET', '/api/v1/orders/999'), 404)


def bodies_are_checked():
    """413 beyond 64 KiB; 422 for anything but an optional reason, with the field's name."""
    with Daemon(speed=0.001) as daemon:
        _refused(daemon.ask('POST', '/api/v1/halt', 'x' * 70000), 413)
        for body, field in (('{', 'body'), ('[]', 'body'), ('"halt"', 'body'), ({'reasn': 'x'}, 'reasn'),
                            ({'reason': 7}, 'reason'), ({'reason': 'x' * 64}, 'reason'),
                            ({'reason': 'x', 'force': True}, 'force'), ('{"reason":"a","reason":"b"}', 'body')):
            assert _refused(daemon.ask('POST', '/api/v1/halt', body), 422, 'invalid').startswith(field), body
        assert daemon.status()['trading'] == 'DISARMED'
        for path, field in (('/orders?status=open', 'status'), ('/orders?limit=0', 'limit'),
                            ('/orders?limit=1001', 'limit'), ('/orders?limit=x', 'limit'), ('/orders/x', 'order id'),
                            ('/positions?status=1', 'status')):
            assert field in _refused(daemon.ask('GET', '/api/v1' + path), 422), path


def numbers_of_the_performance_endpoints_have_bounds():
    """last_n 1 to 1000, num_operations 10 to 1000; 422 outside."""
    with Daemon(speed=0.001) as daemon:
        for n, status in ((0, 422), (1, 200), (1000, 200), (1001, 422), ('ten', 422), (-1, 422), ('', 422)):
            answer = daemon.ask('GET', '/api/performance/metrics?last_n=%s' % n)
            assert answer.status == status, (n, answer.text)
        for kind in ('feature-computation', 'signal-generation'):
            for n in (9, 1001, 'x', 0):
                path = '/api/performance/benchmarks/%s?num_operations=%s' % (kind, n)
                assert 'num_operations' in _refused(daemon.ask('POST', path), 422)


def too_many_requests_wait():
    """429 with Retry-After, and again an answer afterwards; health is limited too."""
    with Daemon(speed=0.001) as daemon:
        answers = []

        def flood():
            for _ in range(100):
                answers.append(daemon.ask('GET', '/api/v1/health', token=None))
        threads = [threading.Thread(target=flood) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        limited = [one for one in answers if one.status == 429]
        assert limited and {one.status for one in answers} == {200, 429}, len(answers)
        _refused(limited[0], 429, 'too_many_requests')
        assert int(limited[0].headers['Retry-After']) >= 1
        wait_until(lambda: daemon.ask('GET', '/api/v1/status').status == 200)


def commands_are_inputs_of_the_journal():
    """Each with its origin and reason, in the order they were given; the reply comes after it is durable."""
    with Daemon(speed=0.001) as daemon:
        for command, reason, trading in (('arm', 'open', 'ACTIVE'), ('cancel-all', 'tidy', 'ACTIVE'),
                                         ('halt', 'fat finger', 'HALTED'), ('resume', 'again', 'REDUCING'),
                                         ('flatten', 'home', 'HALTED')):
            answer = daemon.post('/api/v1/' + command, {'reason': reason})
            check(answer, REPLIES['/' + command])
            assert answer['command'] == command and answer['trading'] == trading, answer
            assert daemon.status()['trading'] == trading, command
            assert b'api' in _commands()[-1] and reason.encode() in _commands()[-1], command
        daemon.stop()
    assert len(_commands()) == 5


def arm_says_what_it_arms():
    """Account, positions, targets against actual, limits."""
    with Daemon() as daemon:
        _armed(daemon)
        result = daemon.post('/api/v1/arm')
        check(result, ARMED)
        assert result['positions'][0]['symbol'] == 'X', result
        run = daemon.ctl('arm', '--yes')
        assert run.code == 0 and 'ACTIVE' in run.out, run


def halt_is_latched_over_a_restart():
    """Halted, killed, started again: halted, and arm is refused until somebody resumes."""
    with Daemon(speed=0.001) as daemon:
        daemon.post('/api/v1/arm')
        daemon.post('/api/v1/halt', {'reason': 'enough'})
        daemon.kill()
    with Daemon(speed=0.001) as daemon:
        assert daemon.status()['trading'] == 'HALTED'
        assert 'enough' in daemon.status()['trading_reason'], daemon.status()
        _refused(daemon.ask('POST', '/api/v1/arm'), 409, 'refused')
        daemon.post('/api/v1/resume')
        assert daemon.status()['trading'] == 'REDUCING'
        daemon.post('/api/v1/arm')
        assert daemon.status()['trading'] == 'ACTIVE'
        session = daemon.get('/api/v1/session')
        assert session['epoch'] == 2 and session['recovered'] and not session['ended_clean'], session


def a_blocked_journal_is_said_and_nothing_is_lost():
    """Another writer holds the file: unhealthy, commands hear 504; when it lets go they are carried out."""
    with Daemon(speed=0.001) as daemon:
        other = sqlite3.connect('s.db', isolation_level=None)
        other.execute('begin immediate')
        answer = daemon.ask('POST', '/api/v1/halt', {'reason': 'while blocked'})
        assert 'may still be carried out' in _refused(answer, 504, 'timeout')
        health = daemon.get('/api/v1/performance/health')
        assert health['status'] == 'unhealthy' and 'journal' in [one['code'] for one in health['issues']], health
        assert _commands() == []
        run = daemon.ctl('health')
        assert run.code == 1 and 'journal' in run.out, run
        other.execute('rollback')
        other.close()
        wait_until(lambda: len(_commands()) == 1)
        wait_until(lambda: daemon.get('/api/v1/health')['status'] == 'healthy')
        assert daemon.status()['trading'] == 'HALTED'
        daemon.stop()


def a_token_that_others_can_read_stops_the_start():
    """Exit 2 with one line that names the file; nothing listens."""
    write('s.db.token', '0' * 64)
    os.chmod('s.db.token', 0o640)
    bars('bars.csv', 100)
    run = duet('live', '--api', '127.0.0.1:0', '--strategy', 'sma_cross', '--data', 'X=bars.csv', '--session', 's.db')
    assert run.code == 2 and 'duet: s.db.token: ' in run.err and 'control-listening' not in run.err, run


def unknown_orders_cannot_be_cancelled():
    """404 and 409 in words, by POST and by DELETE."""
    with Daemon() as daemon:
        for method, path in (('POST', '/orders/999/cancel'), ('DELETE', '/orders/999')):
            _refused(daemon.ask(method, '/api/v1' + path), 404)
        _armed(daemon)
        daemon.post('/api/v1/halt')
        final = next(one for one in daemon.get('/api/v1/orders')['orders'] if one['status'] == 'FILLED')
        _refused(daemon.ask('DELETE', '/api/v1/orders/%d' % final['order_id']), 409)


def clear_really_clears():
    """Operations of the pool are forgotten, counts since the start are not; so is the list of benchmarks."""
    write('live.yaml', 'live:\n  jobs:\n    - {name: often, every: 1s, run: scan}\n')
    with Daemon('-c', 'live.yaml') as daemon:
        answer = wait_until(lambda: [one for one in [daemon.get('/api/performance/metrics?last_n=1')] if one['count']])
        check(answer[0], RECENT)
        check(daemon.get('/api/performance/metrics/summary'), SUMMARIES)
        assert len(daemon.get('/api/performance/metrics/summary')['by_operation']) == 1
        assert list(daemon.get('/api/performance/metrics/summary')['by_operation'])[0] in daemon.ctl('lag').out
        daemon.post('/api/performance/benchmarks/feature-computation?num_operations=10')
        assert daemon.get('/api/performance/benchmarks')['count'] == 1
        assert daemon.post('/api/performance/metrics/clear') == {'ok': True}
        answer = daemon.get('/api/performance/metrics')
        assert answer['count'] == answer['summary']['total'] <= 1, answer  # one may have run since
        assert answer['queue']['completed'] >= 1
        assert daemon.post('/api/performance/benchmarks/clear') == {'ok': True}
        assert daemon.get('/api/performance/benchmarks')['count'] == 0


def a_benchmark_runs_beside_the_service():
    """Probes are answered while it runs, a second run is refused, the result is kept and says what was better."""
    with Daemon() as daemon:
        results, probes = [], 0

        def run():
            results.append(daemon.ask('POST', '/api/performance/benchmarks/signal-generation?num_operations=200'))
        thread = threading.Thread(target=run)
        thread.start()
        wait_until(lambda: daemon.get('/api/performance/benchmarks')['running'])
        second = daemon.ask('POST', '/api/performance/benchmarks/feature-computation')
        while thread.is_alive():
            assert daemon.ask('GET', '/api/v1/health', token=None).status in (200, 429)
            probes += 1
            time.sleep(0.02)
        thread.join()
        _refused(second, 409, 'busy')
        assert probes >= 10, probes
        assert results[0].status == 200, results[0].text
        check(results[0].json, {'ok': TRUE, 'result': BENCHMARK})
        result = results[0].json['result']
        assert result['benchmark'] == 'signal-generation' and result['num_operations'] == 200, result
        kept = daemon.get('/api/performance/benchmarks')
        assert kept == {'ok': True, 'benchmarks': [result], 'count': 1, 'running': None}, kept


def metrics_are_what_prometheus_reads():
    """Format 0.0.4: HELP and TYPE before the samples of each family, counters end in _total, values are numbers."""
    with Daemon() as daemon:
        _armed(daemon)
        answer = daemon.ask('GET', '/metrics')
        assert answer.status == 200 and answer.headers['Content-Type'] == 'text/plain; version=0.0.4; charset=utf-8'
        types, values, family = {}, {}, None
        for line in answer.text.split('\n')[:-1]:
            if line.startswith('# HELP '):
                family = line.split()[2]
                assert family not in types, line
                continue
            if line.startswith('# TYPE '):
                assert line.split()[2] == family, line
                types[family] = line.split()[3]
                continue
            found = re.fullmatch(r'([a-z_:][a-z0-9_:]*)(\{[a-z_]+="[^"]*"\})? (\S+)', line)
            assert found, line
            name = re.sub('_(count|sum)$', '', found[1]) if types[family] == 'summary' else found[1]
            assert name == family, line
            values[found[1] + (found[2] or '')] = float(found[3])
        for name, kind in types.items():
            assert kind in ('counter', 'gauge', 'summary'), (name, kind)
            assert (kind == 'counter') == name.endswith('_total'), (name, kind)
        assert answer.text.endswith('\n') and values['duet_trading_state{state="ACTIVE"}'] == 1
        assert values['duet_fills_total'] >= 2 and values['process_open_fds'] > 5
        assert values['process_resident_memory_bytes'] > 1e6 and values['duet_session_blocked'] == 0
        for name in ('duet_offload_queue_depth', 'duet_offload_queue_capacity', 'duet_loop_lag_seconds_count',
                     'duet_account_cash', 'duet_account_equity', 'duet_position_units{symbol="X"}',
                     'duet_alerts_total', 'duet_broadcast_clients', 'duet_session_commits_total'):
            assert name in values, name


def the_manual_is_true():
    """Each example of docs/api.md is right by the schemas here, and every name of a metric is in its table."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'docs', 'api.md')) as file:
        manual = file.read()
    examples = re.findall(r'`(GET|POST) (/[^`]*)`\n\n```json\n(.*?)\n```', manual, re.S)
    known = dict(VIEWS, **REPLIES)
    known.update({'/performance/benchmarks/signal-generation': {'ok': TRUE, 'result': BENCHMARK}})
    for _, path, text in examples:
        check(json.loads(text), known[path.split('?')[0]], path)
    assert len(examples) >= 12, len(examples)
    with Daemon(speed=0.001) as daemon:
        for name in re.findall(r'# TYPE (\S+)', daemon.ask('GET', '/metrics').text):
            assert '`%s`' % name in manual, name
    for path in list(VIEWS) + ['/' + one for one in COMMANDS]:
        assert '`%s' % path.replace('orders/1', 'orders/ID') in manual or ' %s' % path in manual, path


def listeners_hear_what_happens():
    """Orders, fills and alerts, in order, by server-sent events and by WebSocket."""
    with Daemon() as daemon:
        events, sockets = Events(daemon), WebSocket(daemon)
        daemon.post('/api/v1/arm')
        heard, last = [], 0
        while not {'order', 'order_status', 'fill', 'position', 'account'} <= set(heard):
            name, message = events.message()
            if name in ('alert',):
                continue
            assert name == message['type'] and message['sequence'] > last, message
            heard.append(name)
            last = message['sequence']
            if name == 'fill':
                check(message, {'type': str, 'sequence': positive, 'cause': positive, 'time': TIME,
                                'fill_id': positive, 'order_id': positive, 'symbol': str,
                                'side': one_of('BUY', 'SELL'), 'quantity': DECIMAL, 'price': DECIMAL,
                                'commission': DECIMAL, 'liquidity': str})
        told = set()
        while not {'order', 'fill'} <= told:
            message = sockets.message()
            assert message['event'] == message['data']['type'], message
            told.add(message['event'])
        daemon.post('/api/v1/halt', {'reason': 'listen'})
        while True:
            name, message = events.message()
            if name == 'alert' and message['code'] == 'halt':
                break
        events.close()
        sockets.close()
        wait_until(lambda: 'duet_broadcast_clients 0\n' in daemon.ask('GET', '/metrics').text)


def a_hundred_listeners_and_a_stalled_one():
    """98 hear all of it in order, one that never reads is dropped with a warning, one that has gone is forgotten."""
    with Daemon(speed=60000, count=200000) as daemon:
        listeners = [Events(daemon) for _ in range(98)]
        stalled, gone = Events(daemon, receive_buffer=4096), WebSocket(daemon)
        wait_until(lambda: 'duet_broadcast_clients 100\n' in daemon.ask('GET', '/metrics').text)
        gone.close()
        daemon.post('/api/v1/arm')
        heard = [[] for _ in listeners]
        over = threading.Event()

        def listen(at):
            while not over.is_set() or len(heard[at]) < 500:
                name, message = listeners[at].message()
                if name != 'alert':
                    heard[at].append(message['sequence'])
        threads = [threading.Thread(target=listen, args=(at,)) for at in range(len(listeners))]
        for thread in threads:
            thread.start()
        daemon.wait_for('broadcast-client-dropped')
        over.set()
        for thread in threads:
            thread.join()
        least = min(len(one) for one in heard)
        first = next(i for i in range(least) if heard[0][i] in heard[-1])
        assert all(one[one.index(heard[0][first]):][:400] == heard[0][first:first + 400] for one in heard)
        assert heard[0] == sorted(set(heard[0]))
        wait_until(lambda: 'duet_broadcast_clients 98\n' in daemon.ask('GET', '/metrics').text)
        for one in listeners + [stalled]:
            one.close()


def ctl_shows_what_the_api_says():
    """Each verb against the real daemon, exit code 0 and something to read."""
    with Daemon() as daemon:
        _armed(daemon)
        for verb in ('status', 'orders', 'positions', 'account', 'strategies', 'tasks', 'session', 'health', 'lag',
                     'metrics'):
            run = daemon.ctl(verb)
            assert run.code == 0 and run.out and not run.err, run
            assert daemon.token not in run.out
        assert 'ACTIVE' in daemon.ctl('status').out and 'sma_cross' in daemon.ctl('strategies').out
        assert json.loads(daemon.ctl('status', '--json').out)['trading'] == 'ACTIVE'
        assert daemon.ctl('order', '1').code == 0
        run = daemon.ctl('halt', '--reason', 'by hand')
        assert run.code == 0 and 'HALTED' in run.out, run
        assert 'by hand' in daemon.ctl('status').out
        run = daemon.ctl('arm')
        assert run.code == 1 and 'resume' in run.err, run
        watch = daemon.watch()
        daemon.post('/api/v1/resume', {'reason': 'seen'})
        line = watch.stdout.readline().decode()
        assert re.match(r'\S+ \S+  trading  .*trading=REDUCING previous=HALTED .*seen', line), line
        watch.kill()
        watch.communicate()
        assert daemon.ctl('snapshot').code == 0 and daemon.ctl('stop').code == 0
        assert daemon.end() == 0


main(globals())
