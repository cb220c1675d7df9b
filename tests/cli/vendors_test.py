"""Files in the ways of many vendors, a few rows each: what is understood of them, and every value as it comes out.

The rows are written here by hand; expected values are the ones that were put in.
"""
import json
from cli import duet, main, write


def _inspect(text, keys='', name='f.csv'):
    write(name, text)
    run = duet('data', 'inspect', '--json', ('X=%s,%s' % (name, keys)) if keys else name)
    return json.loads(run.out)['files'][0]


def _refused(text, *words, keys='', name='f.csv'):
    file = _inspect(text, keys, name)
    assert 'error' in file, file
    for word in words:
        assert word in file['error']['reason'], (word, file)
    return file


def _bars(text, *wanted, keys='', name='f.csv', **form):
    """Read as these rows of an export; `form` are fields of the inspection."""
    file = _inspect(text, keys, name)
    assert not file.get('error'), file
    assert file['kind'] == 'bars', file
    for key, value in form.items():
        assert file[key] == value, (key, file)
    run = duet('data', 'export', '--out', 'out.csv', ('X=%s,%s' % (name, keys)) if keys else name)
    assert run.code == 0, run
    with open('out.csv') as f:
        found = f.read().split('\n')
    assert found[1:-1] == list(wanted), found


def rows_of_several_instruments_are_never_mixed():
    """One below the other or by turns, with a column of names; trades too."""
    below = 'date,open,high,low,close,volume,Name\n' + ''.join(
        '2021-03-0%d,%d,%d,%d,%d,10,%s\n' % (d, p, p + 2, p - 1, p + 1, name)
        for name, p in (('AAL', 20), ('AAPL', 120)) for d in (1, 2, 3))
    file = _inspect(below)
    assert not file.get('error') and file['choose'] == {'asset': ['AAL', 'AAPL']}, file
    run = duet('backtest', '--strategy', 'buy_and_hold', '--data', 'X=f.csv')
    assert run.code == 3 and 'f.csv:5: column "Name"' in run.err and 'asset=AAL' in run.err, run
    second = tuple('2021-03-0%d,120,122,119,121,10' % d for d in (1, 2, 3))
    _bars(below, *second, keys='asset=aapl')
    write('f.csv', below)
    assert duet('data', 'export', 'AAPL=f.csv').out == duet('data', 'export', 'X=f.csv,asset=AAPL').out
    by_turns = 'date,what,open,high,low,close\n' + ''.join(
        '2021-03-0%d,%s,%d,%d,%d,%d\n' % (d, name, p, p + 2, p - 1, p + 1)
        for d in (1, 2, 3) for name, p in (('AAL', 20), ('AAPL', 120)))
    assert _inspect(by_turns)['choose'] == {'asset': ['AAL', 'AAPL']}
    _bars(by_turns, *(row[:-3] for row in second), keys='asset=AAPL')
    trades = 'exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n' + ''.join(
        'bitmex,%s,158302080%d000000,158302080%d000099,7,buy,%d,5\n' % (name, i, i, p)
        for i in range(3) for name, p in (('XBTUSD', 8500), ('ETHUSD', 230)))
    assert _inspect(trades)['choose'] == {'asset': ['XBTUSD', 'ETHUSD']}
    assert _inspect(trades, 'asset=ETHUSD')['rows'] == 3
    run = duet('backtest', '--strategy', 'buy_and_hold', '--data', 'X=f.csv,bars=1m')
    assert run.code == 3 and 'asset=XBTUSD' in run.err, run
    assert 'no row of asset=MSFT' in _refused(below, 'no row of asset=MSFT', keys='asset=MSFT')['error']['reason']


def an_average_price_is_no_volume():
    """Kraken's answers have one between close and volume."""
    _bars(''.join('%d,100.5,102.0,99.0,101.0,100.%d,0.50%d,7\n' % (1600000020 + 60 * i, i + 2, i + 1)
                  for i in range(4)),
          *('2020-09-13T12:%d:00Z,100.5,102.0,99.0,101.0,0.50%d' % (27 + i, i + 1) for i in range(4)))
    _bars(''.join('%d,100.5,102.0,99.0,101.0,0.5,7\n' % (1600000020 + 60 * i) for i in range(2)),
          *('2020-09-13T12:%d:00Z,100.5,102.0,99.0,101.0,0.5' % (27 + i) for i in range(2)), dialect='kraken')


main(globals())
