"""Packed files: the same bars as unpacked, whole or not at all; several inside, one chosen; what is damaged is said."""
import gzip
import io
import json
import os
import tempfile
import time
import zipfile
from cli import backtest, duet, main


def _bars(first, count, price=100, step=60):
    """Minute bars as CSV, from a number of seconds since 1970."""
    rows = ['time,open,high,low,close,volume']
    for i in range(count):
        at = price + i % 7
        rows.append('%d,%d.5,%d.75,%d.25,%d.5,%d' % (first + i * step, at, at, at, at, 10 + i))
    return '\n'.join(rows) + '\n'


def _write(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def _zip(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', method) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return out.getvalue()


def _inspect(path, keys=''):
    run = duet('data', 'inspect', '--json', ('X=' if keys else '') + path + keys)
    return run.code, json.loads(run.out)['files'][0]


def _hash(path, keys=''):
    return backtest('--strategy', 'trend', '--data', 'X=' + path + keys).json()['event_hash']


def packed_bars_are_the_same_bars():
    """gzip in one member and in two, zip stored and deflated, JSON: the same events as the plain file."""
    text = _bars(1600000000, 500)
    rows = [line.split(',') for line in text.split()[1:]]
    lists = json.dumps([[int(row[0])] + [float(cell) for cell in row[1:]] for row in rows])
    objects = '\n'.join(json.dumps(dict(zip(('time', 'open', 'high', 'low', 'close', 'volume'), row))) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        wanted = _hash(_write(folder, 'plain.csv', text))
        half = len(text) // 2
        for name, data in (('a.csv.gz', gzip.compress(text.encode())), ('b.zip', _zip([('x.csv', text)])),
                           ('c.gz', gzip.compress(text[:half].encode()) + gzip.compress(text[half:].encode())),
                           ('d.zip', _zip([('x.csv', text)], zipfile.ZIP_STORED)), ('e.json', lists),
                           ('f.json.gz', gzip.compress(lists.encode())), ('g.jsonl', objects),
                           ('h.json', '{"code":0,"data":{"list":%s}}' % lists)):
            assert _hash(_write(folder, name, data)) == wanted, name


def the_second_opening_is_from_the_cache():
    """A packed file's bars are kept like a plain file's: the archive is not unpacked again."""
    with tempfile.TemporaryDirectory() as folder:
        path = _write(folder, 'x.zip', _zip([('x.csv', _bars(1600000000, 2000))]))
        os.utime(path, (time.time() - 100, time.time() - 100))
        _, first = _inspect(path)
        _, second = _inspect(path)
        assert first == second and first['rows'] == 2000, first
        _write(folder, 'x.zip', _zip([('x.csv', _bars(1600000000, 1000))]))
        assert _inspect(path)[1]['rows'] == 1000


def months_in_one_archive_are_one_series():
    """In the order of their names, what lies beside them left out; a folder of archives, too."""
    parts = [('m-02.csv', _bars(1600006000, 100)), ('m-01.csv', _bars(1600000000, 100)),
             ('readme.txt', 'not a series'), ('__MACOSX/._m-01.csv', 'junk'), ('.hidden.csv', 'junk')]
    with tempfile.TemporaryDirectory() as folder:
        code, told = _inspect(_write(folder, 'x.zip', _zip(parts)))
        assert code == 0 and told['rows'] == 200 and told['first'] == '2020-09-13T12:26:40', told
        inner = os.path.join(folder, 'months')
        os.mkdir(inner)
        _write(inner, 'a.csv', _bars(1600000000, 100))
        _write(inner, 'b.csv.gz', gzip.compress(_bars(1600006000, 100).encode()))
        _write(inner, 'c.zip', _zip([('c.csv', _bars(1600012000, 100))]))
        _write(inner, 'd.json', '[[1600018000,1,2,1,1,5],[1600018060,1,2,1,1,5],[1600018120,1,2,1,1,5]]')
        code, told = _inspect(inner)
        assert code == 0 and told['rows'] == 303, told


def files_of_the_same_time_are_several_instruments():
    """Inspection lists them and counts all rows; a run asks which, and inner= says it."""
    files = [('aapl.csv', _bars(1600000000, 100)), ('msft.csv', _bars(1600000000, 90, 200))]
    with tempfile.TemporaryDirectory() as folder:
        path = _write(folder, 'x.zip', _zip(files))
        code, told = _inspect(path)
        assert code == 0 and told['rows'] == 190 and told['choose'] == {'inner': ['aapl.csv', 'msft.csv']}, told
        run = backtest('--strategy', 'trend', '--data', 'X=' + path)
        assert run.code == 3 and 'inner=' in run.err and 'aapl.csv' in run.err, run
        for keys, rows in ((',inner=msft', 90), (',inner=a*', 100), (',inner=*', 190)):
            assert _inspect(path, keys)[1]['rows'] == rows, keys
        code, told = _inspect(path, ',inner=ibm')
        assert code == 3 and 'inner=ibm' in told['error']['reason'], told
        for name, text in files:
            _write(folder, name, text)
        os.remove(path)
        code, told = _inspect(folder)
        assert code == 0 and told['choose'] == {'inner': ['aapl.csv', 'msft.csv']}, told


def what_is_damaged_is_refused_whole():
    """Cut short, a wrong checksum, encrypted, an archive within one, none inside: a reason, no bars, no crash."""
    text = _bars(1600000000, 3000)
    packed, archive = gzip.compress(text.encode()), _zip([('x.csv', text)])
    flipped = bytearray(packed)
    flipped[-5] ^= 0x55  # the length at the end
    broken = bytearray(_zip([('x.csv', text)], zipfile.ZIP_STORED))
    broken[200] ^= 1  # a digit of the text
    locked = bytearray(archive)
    locked[6] |= 1  # encrypted, says the entry and the directory
    directory = archive.index(b'PK\x01\x02')
    locked[directory + 8] |= 1
    cases = {
        'cut.csv.gz': (packed[:len(packed) // 2], 'cut short'), 'flip.csv.gz': (bytes(flipped), 'damaged gzip'),
        'cut.zip': (archive[:len(archive) // 2], 'damaged zip'), 'crc.zip': (bytes(broken), 'CRC'),
        'locked.zip': (bytes(locked), 'encrypted'), 'none.zip': (_zip([]), 'without files'),
        'within.zip': (_zip([('x.csv.gz', packed)]), 'unpack it first'),
        'bomb.csv.gz': (gzip.compress(b'0' * (64 << 20)), 'times its size'),
        'bomb.zip': (_zip([('x.csv', b'0' * (64 << 20))]), 'times its size'),
        'cut.json': ('[[1600000000,1,2,1,1,5],[1600000060,1,2', 'not JSON'),
        'deep.json': ('[' * 100000, 'not JSON'), 'empty.json': ('{"data":[]}', 'without a list of rows'),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, (data, words) in cases.items():
            code, told = _inspect(_write(folder, name, data))
            assert code == 3 and words in told['error']['reason'], (name, told)
            assert backtest('--strategy', 'trend', '--data', 'X=' + os.path.join(folder, name)).code == 3, name


def rows_in_error_are_named_within_the_archive():
    """By file, line and column; of JSON by the element."""
    with tempfile.TemporaryDirectory() as folder:
        bad = _bars(1600000000, 3) + '1600000300,1,x,1,1,1\n'
        path = _write(folder, 'x.zip', _zip([('a.csv', _bars(1500000000, 3)), ('b.csv', bad)]))
        run = backtest('--strategy', 'trend', '--data', 'X=' + path)
        assert run.code == 3 and 'x.zip/b.csv:5: column "high": "x" is not a number' in run.err, run.err
        path = _write(folder, 'x.json', '[[1600000000,1,2,1,1,5],[1600000060,1,2,1,1,5],[1600000120,1,"y",1,1,5]]')
        run = backtest('--strategy', 'trend', '--data', 'X=' + path)
        assert run.code == 3 and 'element 3: column "high": "y" is not a number' in run.err, run.err


def bid_and_ask_in_two_files_are_one_series():
    """Their middle, or one of them; where one has no bar the row is skipped and counted."""
    header = 'time,open,high,low,close\n'
    ask = header + ''.join('%d,1.5%d,1.60,1.40,1.5%d\n' % (1600000000 + 60 * i, i, i) for i in range(9))
    bid = header + ''.join('%d,1.4%d,1.50,1.30,1.4%d\n' % (1600000000 + 60 * i, i, i) for i in range(8))
    with tempfile.TemporaryDirectory() as folder:
        ask, bid = _write(folder, 'ask.csv', ask), _write(folder, 'bid.csv', bid)
        code, told = _inspect(ask, ',bid=' + bid)
        got = (told['dialect'], told['rows'], told['skipped'], told['decimals'])
        assert code == 0 and got == ('bid_ask', 9, 1, 3), told
        opens = {}
        for price in ('mid', 'bid', 'ask'):
            run = backtest('--strategy', 'buy_and_hold', '--data', 'X=%s,bid=%s,price=%s' % (ask, bid, price))
            opens[price] = float(run.json()['open_positions'][0]['mark'])
        assert opens == {'mid': 1.52, 'bid': 1.47, 'ask': 1.57}, opens
        code, told = _inspect(ask, ',bid=' + os.path.join(folder, 'none.csv'))
        assert code == 3 and 'No such file' in told['error']['reason'], told


if __name__ == '__main__':
    main(globals())
