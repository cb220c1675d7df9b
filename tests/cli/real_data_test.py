"""Files that users have: every plain CSV bar file of the shared collection, inspected and run, against its manifest.

The manifest's rows and labels were counted by another program. Sums are checked in exact decimals.
"""
import json
import os
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from cli import backtest, duet, main, rows, shared

FOLDERS = ('daily/', 'minute/', 'dirty/')

# Files that hold no bars of one instrument, or nothing at all: the line and the words of the refusal, because of what.
REFUSED = {
    'daily/other/quandl_gold_2.csv': (1, 'open, high, low and close'),  # one price in three currencies
    'daily/other/bitstamp_(BTC,ETH,LTC)USD_d.csv': (1, 'open, high, low and close'),  # three instruments side by side
    'dirty/kaggle_us/accp.us.txt': (None, 'empty'),
}

STRATEGIES = {
    'sma_cross': ['--param', 'fast=10', '--param', 'slow=30'],
    'trend': ['--commission', '10bps', '--slippage', '2bps'],
}


def _manifest():
    """Path, rows, first, last and oddities of each plain CSV bar file."""
    with open(shared('data', 'MANIFEST.md')) as manifest:
        for line in manifest:
            cells = [cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]
            if len(cells) == 9 and cells[0].startswith(FOLDERS) and cells[0].endswith(('.csv', '.txt')):
                yield cells[0], int(cells[1]), cells[2], cells[3], cells[6]


def _manifest_label(text):
    """The manifest writes midnight without a clock and cuts offsets off."""
    return text[:19] if len(text) > 10 else text + ' 00:00:00'


def _label(text):
    return text[:19].replace('T', ' ') if len(text) > 10 else text + ' 00:00:00'


def _instant(text):
    when = datetime.fromisoformat(text.replace('Z', '+00:00'))
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)


def _strict(text):
    """JSON that holds neither NaN nor Infinity."""
    def refuse(constant):
        raise AssertionError('%s in the JSON' % constant)
    return json.loads(text, parse_constant=refuse)


def _check_inspection(path, count, first, last):
    run = duet('data', 'inspect', '--json', shared('data', path))
    told = _strict(run.out)['files'][0]
    if path in REFUSED:
        line, words = REFUSED[path]
        assert run.code == 3, run
        assert told['error']['line'] == line and words in told['error']['reason'], told
        return None
    assert run.code == 0 and not told.get('error'), run
    assert told['kind'] == 'bars', told
    assert told['rows'] == count, (path, told['rows'], count)
    assert _label(told['first']) == _manifest_label(first), (path, told['first'], first)
    assert _label(told['last']) == _manifest_label(last), (path, told['last'], last)
    return told


def _check_reasons(result):
    for key, value in result['stats'].items():
        assert value is not None or result['na'].get(key), key
    if result['buy_and_hold'] is None:
        assert result['na'].get('buy_and_hold'), result['na']
    else:
        assert all(value is not None for value in result['buy_and_hold'].values()), result['buy_and_hold']


def _check_money(result, fills):
    """The ledger, from the fills and from the totals, to the last digit."""
    money = {key: Decimal(result[key]) for key in
             ('initial_cash', 'final_cash', 'final_equity', 'realized_pnl', 'unrealized_pnl')}
    commission = Decimal(result['costs']['commission'])
    assert money['final_equity'] == money['initial_cash'] + money['realized_pnl'] + money['unrealized_pnl'] - commission
    cash = money['initial_cash']
    for fill in fills:
        cash -= Decimal(fill['quantity']) * Decimal(fill['price']) + Decimal(fill['commission'])
        assert abs(cash - Decimal(fill['cash'])) <= Decimal('1e-12'), fill
        cash = Decimal(fill['cash'])
    assert cash == money['final_cash'], (cash, money)
    value = sum(Decimal(p['quantity']) * Decimal(p['mark']) for p in result['open_positions'])
    assert abs(money['final_cash'] + value - money['final_equity']) <= Decimal('1e-9'), (value, money)
    assert sum(Decimal(fill['commission']) for fill in fills) == commission


def _check_span(result, told, fills):
    interval = timedelta(seconds=told['interval_s'])
    first, last = _instant(told['first']), _instant(told['last'])
    start, end = _instant(result['start']), _instant(result['end'])
    assert first - interval <= start < end <= last + interval, (start, end, first, last)
    assert all(start <= _instant(fill['time']) <= end for fill in fills)


def _check_run(path, told, strategy):
    run = backtest('--strategy', strategy, *STRATEGIES[strategy], '--data', 'X=' + shared('data', path),
                   '--fills', 'fills.csv')
    assert run.code == 0, run
    result, fills = _strict(run.out), rows('fills.csv')
    assert result['status'] in ('OK', 'RUINED'), result['status']
    assert result['bars'] == told['rows'] - told['skipped'], (result['bars'], told)
    assert result['data'][0]['rows'] == told['rows'] and result['data'][0]['skipped'] == told['skipped']
    assert (result['data'][0]['first'], result['data'][0]['last']) == (told['first'], told['last'])
    assert result['fills'] == len(fills)
    _check_span(result, told, fills)
    _check_money(result, fills)
    _check_reasons(result)
    return result


def every_file_of_the_collection_runs_and_its_ledger_balances():
    """Inspection agrees with the manifest; both strategies run; each total is the exact sum of its parts."""
    count, failures = 0, []
    for path, rows_, first, last, _ in _manifest():
        try:
            told = _check_inspection(path, rows_, first, last)
            for strategy in STRATEGIES if told else ():
                result = _check_run(path, told, strategy)
                if os.environ.get('DUET_TEST_VERBOSE'):
                    print('%-55s %6d %s %s %-9s %6d fills %s %s' % (path, told['rows'], told['first'], told['last'],
                          strategy, result['fills'], result['status'], result['final_equity']))
        except (AssertionError, KeyError, TypeError, ValueError) as why:
            failures.append('%s: %s: %s' % (path, type(why).__name__, why))
        count += 1
    assert count > 100, 'only %d files in the manifest' % count
    assert not failures, '%d files:\n%s' % (len(failures), '\n'.join(failures))


if __name__ == '__main__':
    main(globals())
