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
    return None if 'choose' in told else told  # of several instruments a run names one


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


def _trade(path, strategy, *more, keys=''):
    return backtest('--strategy', strategy, '--data', 'X=' + shared('data', path) + keys, *more).json()


def a_hundred_thousand_trades_in_every_market():
    """Lots and decimals come from the file: bitcoin in parts, currencies by the unit, shares whole, no fill at zero."""
    for path, least, most, decimals in (
            ('minute/crypto/btc-perp-20211231-20220201_1m.csv', 1.9, 2.2, True),  # bought near 46,000
            ('minute/crypto/30min-bitstampUSD-2.csv', 160, 172, True),  # near 590
            ('minute/fxcm/gbpusd-m1-bid-2012_february.csv', 62000, 64500, False),  # near 1.57, no volume column
            ('minute/dukascopy/FOREX_EURUSD_1H_ASK.csv', 92000, 96000, True),  # near 1.05
            ('minute/ninjatrader/nt-spy-minute-2011-03.csv', 730, 760, False),  # near 133.5
            ('daily/yahoo_v7/STOCKS_GOOGL.csv', 495, 510, False),  # near 196
            ('minute/binance_klines/ADABTC-1m-2021-11-27.csv', 3.4e9, 3.6e9, True)):  # near 0.0000285
        result = _trade(path, 'buy_and_hold')
        quantity = result['open_positions'][0]['quantity']
        assert least <= float(quantity) <= most, (path, quantity)
        assert decimals or '.' not in quantity, (path, quantity)
        assert _trade(path, 'trend')['fills'] > 0, path


def what_was_assumed_of_a_file_is_said_aloud():
    """Labels at the end of a bar, labels without a zone; and nothing of the kind where the file or the user says it."""
    def said(result):
        return {note['code']: note['text'] for note in result['assumptions']}
    ninja = 'minute/ninjatrader/nt-spy-minute-2011-03.csv'
    told = said(_trade(ninja, 'trend'))
    assert 'end' in told['stamp'] and 'stamp=open' in told['stamp'] and 'UTC' in told['tz'], told
    told = said(_trade(ninja, 'trend', keys=',tz=America/New_York,stamp=close'))
    assert 'stamp' not in told and 'tz' not in told, told
    assert 'tz' not in said(_trade('minute/fxcm/gbpusd-m1-bid-2012_february.csv', 'trend'))
    text = duet('data', 'inspect', shared('data', ninja)).out
    assert 'labelled at the close' in text and 'stamp=open' in text and 'UTC assumed' in text, text


def dividends_are_left_out_or_scaled_in_and_either_is_said():
    """Columns as they stand, with a warning; adjust=total scales and says that levels are fictitious."""
    path = 'daily/yahoo_v7/yahoofinance-AAPL-20040819-20180120.csv'
    def warned(result):
        return {note['code']: note for note in result['warnings']}
    plain, scaled = _trade(path, 'buy_and_hold'), _trade(path, 'buy_and_hold', keys=',adjust=total')
    assert 'dividends are not included' in warned(plain)['unadjusted']['text'] and 'adjusted' not in warned(plain)
    assert 'fictitious' in warned(scaled)['adjusted']['text'] and 'unadjusted' not in warned(scaled), warned(scaled)
    assert scaled['buy_and_hold']['total_return'] > plain['buy_and_hold']['total_return']
    # A high that equals the close equals the scaled close, too.
    assert 'ohlc_violation' not in warned(scaled), warned(scaled)


def warnings_name_where_they_were_first_due():
    """The line of the file; for a gap, which has none, the time."""
    result = _trade('dirty/kaggle_us/syn.us.txt', 'trend')
    first = {note['code']: note['first'] for note in result['warnings']}
    assert first['zero_price'] == shared('data', 'dirty/kaggle_us/syn.us.txt') + ':82', first
    assert first['gap'] == '2005-03-09 00:00:00', first  # the next label is 2005-03-30


def what_no_cash_can_buy_is_no_buy_and_hold():
    """Prices beyond the cash, or of zero: null with its reason, not a return of zero."""
    for path in ('dirty/skender/toobig.csv', 'dirty/skender/zeros.csv', 'dirty/kaggle_us/drys.us.txt'):
        result = _trade(path, 'trend')
        assert result['buy_and_hold'] is None and result['na']['buy_and_hold'], path


def the_pages_for_people_fit_their_lines():
    """No line of an inspection or a summary is wider than the page, paths and pictures apart."""
    for path, *_ in _manifest():
        inspected = duet('data', 'inspect', shared('data', path))
        summary = duet('backtest', '--strategy', 'trend', '--data', 'X=' + shared('data', path))
        for line in (inspected.out + summary.out).split('\n'):
            assert len(line) <= 80, (path, len(line), line)
            assert line == line.rstrip(), (path, line)


def _names(text):
    """First words of the lines of a list, headings apart."""
    return [line.split()[0] for line in text.split('\n') if line[:2] == '  ' and line[2:3].isalpha()]


def help_fits_eighty_columns():
    """What a person asks first is not broken in mid-word: help, strategies, indicators and conventions."""
    commands = _names(duet('--help').out.split('\n\n  duet COMMAND')[0])
    assert {'backtest', 'check', 'ctl', 'new', 'strategies'} <= set(commands), commands
    asked = [['--help']] + [[c, '--help'] for c in commands]
    asked += [[c, sub, '--help'] for c, sub in (
        ('data', 'inspect'), ('data', 'import'), ('data', 'export'), ('data', 'synth'), ('check', 'lookahead'),
        ('check', 'warmup'), ('new', 'strategy'))]
    strategies = [line.split()[0] for line in duet('strategies').out.split('\n') if line[:1].isalpha()]
    indicators = _names(duet('indicators').out)
    assert len(strategies) >= 10 and len(indicators) >= 60, (strategies, indicators)
    asked += [['strategies'], ['indicators'], ['statistics']]
    asked += [['strategies', name] for name in strategies] + [['indicators', name] for name in indicators]
    conventions = duet('statistics').out.split('\n\n')[0].split('\n')
    asked += [['statistics', line.split()[0]] for line in conventions if line[:1].isalpha()]
    for arguments in asked:
        run = duet(*arguments)
        assert run.code == 0 and run.out, run
        for line in run.out.split('\n'):
            assert len(line) <= 80, (arguments, len(line), line)
            assert line == line.rstrip(), (arguments, line)


if __name__ == '__main__':
    main(globals())
