"""Every file of the shared collection, inspected: kind, rows, first and last label as another program counted them.

What is refused is refused for a reason that its oddity explains. The table of all files is printed.
"""
import json
import re
from collections import Counter
from cli import duet, main, shared

# Line and words of each refusal; what has times is counted all the same.
REFUSED = {
    'daily/other/quandl_gold_2.csv': (1, 'no columns open, high, low and close'),  # one price in three currencies
    'dirty/kaggle_us/accp.us.txt': (None, 'empty file'),
    'dirty/ADABTC-1m-2021-11-27_corrupt.zip': (None, 'damaged zip archive'),
    'ticks/backtrader/bidask.csv': (2, 'day and month could change places'),  # ten rows of one day, 02/03/2010
}
NOT_COUNTED = ('ticks/backtrader/bidask.csv',)
# Files about prices, not of them: what they hold is counted, and no run takes them for bars.
OTHER = {'D8': 'other', 'D69': 'other'}
CHOICES = {'D33': ('asset', 3), 'D77': ('inner', (3, 4))}


def _manifest():
    """Path, rows, first, last and dialect of each file."""
    with open(shared('data', 'MANIFEST.md'), encoding='utf-8') as manifest:
        for line in manifest:
            cells = [cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]
            if len(cells) == 9 and '/' in cells[0] and cells[1].isdigit():
                yield cells[0], int(cells[1]), cells[2], cells[3], cells[6]


def _label(text):
    """Ours and the manifest's alike: which writes midnight without a clock, cuts offsets off, and fractions short."""
    if text in (None, '-'):
        return None
    text = re.sub(r'^(\d{4})(\d\d)(\d\d)$', r'\1-\2-\3', text.replace('T', ' '))
    text = re.sub(r'[+-]\d\d:?(\d\d)?$', '', text) if len(text) > 10 else text + ' 00:00:00'
    whole, _, fraction = text.partition('.')
    fraction = fraction[:3].rstrip('0')
    return whole + ('.' + fraction if fraction else '')


def _kind(path, dialect):
    number = int(dialect[1:])
    if dialect in OTHER:
        return 'other'
    if 61 <= number <= 63 or 'book_' in path:
        return 'book'
    if '/tick/' in path or path.startswith('ticks/') or number == 53:
        quotes = 'quote' in path or number in (50, 51, 60)
        return 'quotes' if quotes else 'trades'
    return 'bars'


def _inspect(path, keys=''):
    run = duet('data', 'inspect', '--json', ('X=' if keys else '') + shared('data', path) + keys)
    return run.code, json.loads(run.out)['files'][0]


def _check(path, rows, first, last, dialect):
    code, told = _inspect(path)
    error = told.get('error')
    if path in REFUSED or dialect in OTHER:
        line, words = REFUSED.get(path, (1, ''))
        assert code == 3 and error['line'] == line and words in error['reason'], told
    else:
        assert code == 0 and error is None, told
    if path not in REFUSED or rows:
        assert told['kind'] == _kind(path, dialect), (told['kind'], _kind(path, dialect))
    if path not in NOT_COUNTED:
        assert told['rows'] == rows, (told['rows'], rows)
        assert (_label(told['first']), _label(told['last'])) == (_label(first), _label(last)), told
    key, _ = CHOICES.get(dialect, (None, None))
    assert list(told.get('choose', {})) == ([key] if key else []), told.get('choose')
    return told, 'refused: ' + error['reason'] if error else 'read'


def every_file_is_understood_as_its_manifest_says_or_refused_with_its_reason():
    """Kind, rows, first and last label; the table of all files is printed."""
    failures, verdicts = [], Counter()
    for path, rows, first, last, dialect in _manifest():
        try:
            told, verdict = _check(path, rows, first, last, dialect)
            print('%-62s %-4s %-6s %-18s %7d  %s' % (
                path, dialect, told['kind'], told['dialect'] or '-', told['rows'], verdict[:70]))
            verdicts[verdict.split(':')[0]] += 1
        except (AssertionError, KeyError, TypeError) as why:
            failures.append('%s: %s: %s' % (path, type(why).__name__, why))
    print('%d files: %s' % (sum(verdicts.values()), dict(verdicts)))
    assert sum(verdicts.values()) > 190 or failures
    assert not failures, '\n'.join(failures)


def what_a_file_leaves_open_a_key_settles():
    """Days before months; one of several instruments; one price as a bar; a contract of a future."""
    _, told = _inspect('ticks/backtrader/bidask.csv', ',dates=dmy')
    assert (told['kind'], told['rows']) == ('quotes', 10) and told['first'] == '2010-03-02T16:53:50', told
    _, told = _inspect('daily/other/bitstamp_(BTC,ETH,LTC)USD_d.csv', ',asset=LTC')
    assert told['rows'] == 1865 and told['last'] == '2020-01-17' and 'choose' not in told, told
    _, told = _inspect('daily/other/quandl_gold_2.csv', ',columns=time,close,-,-')
    assert (told['kind'], told['rows'], told['interval_s']) == ('bars', 2374, 604800), told
    rows = {inner: _inspect('lean/future/cme/minute/es/20131007_trade.zip', ',inner=' + inner)[1]['rows']
            for inner in ('_201312', '_201403', '_201406')}
    assert sum(rows.values()) == 1671 and rows['_201406'] == 2, rows


def a_folder_of_days_is_one_series():
    """The trades of three days, the quotes beside them left out aloud, or chosen."""
    code, told = _inspect('lean/equity/usa/minute/aapl')
    assert code == 0 and told['rows'] == 686 + 783 + 834, told
    assert {'code': 'left_out', 'count': 3, 'first': None} in told['warnings'], told
    _, told = _inspect('lean/equity/usa/minute/aapl', ',kind=quotes')
    assert told['rows'] == 830 + 835 + 847, told
    code, told = _inspect('lean/equity/usa/daily')
    assert code == 0 and len(told['choose']['inner']) == 5, told


if __name__ == '__main__':
    main(globals())
