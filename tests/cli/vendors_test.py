"""Files in the ways of many vendors, a few rows each: what is understood of them, and every value as it comes out.

The rows are written here by hand; expected values are the ones that were put in.
"""
import json
import os
import zipfile
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


BAR = ['2021-03-0%d,100.50,102.25,99.00,101.75,1234567' % d for d in (1, 2, 3)]


def _table(header, row, days=('2021-03-01', '2021-03-02', '2021-03-03')):
    return header + '\n' + ''.join(row.replace('DAY', day) + '\n' for day in days)


def decimal_commas_and_thousands_are_told_by_the_whole_file():
    """Marks of a file are one thing: "1.234,5" makes "5.000" five thousand, and "1,234.5" makes "987,654" a number."""
    _bars(_table('Date;Open;High;Low;Close;Volume', 'DAY;100,50;102,25;99,00;101,75;1.234.567'), *BAR)
    _bars(_table('Date;Open;High;Low;Close;Volume', 'DAY;100,50;102,25;99,00;101,75;1234567'), *BAR)
    _bars(_table('Datum;Erster;Hoch;Tief;Schlusskurs;Stuecke;Volumen',
                 'DAY;100,50;102,25;99,00;101,75;1.234.567;9.999.999'), *BAR)
    _bars(_table('"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"',
                 '"DAY","1.101,75","1.100,50","1.102,25","1.099,00","65,12K","0,56%"',
                 ('03.03.2021', '02.03.2021', '01.03.2021')),
          *('2021-03-0%d,1100.50,1102.25,1099.00,1101.75,65120' % d for d in (1, 2, 3)), dialect='investing')
    _bars(_table('Date\tOpen\tHigh\tLow\tClose\tVolume',
                 'DAY\t3,100.50\t3,102.25\t3,099.00\t3,101.75\t3,458,250,000'),
          *('2021-03-0%d,3100.50,3102.25,3099.00,3101.75,3458250000' % d for d in (1, 2, 3)))
    _bars(_table('Date,Open,High,Low,Close,Volume', 'DAY,"3,100.50","3,102.25","3,099.00","3,101.75","987,654"'),
          *('2021-03-0%d,3100.50,3102.25,3099.00,3101.75,987654' % d for d in (1, 2, 3)))
    _bars(_table('"Date ","series ","OPEN ","HIGH ","LOW ","close ","VOLUME "',
                 '"DAY","EQ","2,100.50","2,102.25","2,099.00","2,101.75","12,34,567"',
                 ('01-Mar-2021', '02-Mar-2021', '03-Mar-2021')),
          *('2021-03-0%d,2100.50,2102.25,2099.00,2101.75,1234567' % d for d in (1, 2, 3)))
    _bars(_table('Date;Open;High;Low;Close;Volume', "DAY;1'100.50;1'102.25;1'099.00;1'101.75;1'234'567"),
          *('2021-03-0%d,1100.50,1102.25,1099.00,1101.75,1234567' % d for d in (1, 2, 3)))
    _bars(_table('Date;Open;High;Low;Close;Volume',
                 'DAY;1\u00a0100,50 €;1\u202f102,25 €;1 099,00 €;1 101,75 €;1 234 567'),
          *('2021-03-0%d,1100.50,1102.25,1099.00,1101.75,1234567' % d for d in (1, 2, 3)))


def a_comma_that_could_be_either_is_asked_about():
    """"40,020" alone may be forty or forty thousand."""
    text = _table('Date,Open,High,Low,Close,Volume', 'DAY,"40,020","40,100","39,900","40,000",5')
    _refused(text, '"40,020"', 'comma=thousands', 'comma=decimal')
    _bars(text, *('2021-03-0%d,40020,40100,39900,40000,5' % d for d in (1, 2, 3)), keys='comma=thousands')
    _bars(text, *('2021-03-0%d,40.020,40.100,39.900,40.000,5' % d for d in (1, 2, 3)), keys='comma=decimal')
    _refused(_table('Date,Open,High,Low,Close', 'DAY,1,2,1,1') + '2021-03-04,1,2,1,"12,5"\n', '"12,5" is not a number')
    run = duet('data', 'inspect', 'X=f.csv,comma=point')
    assert run.code == 2 and 'thousands or decimal' in run.err, run


def words_for_nothing_are_blank_cells():
    """N/A, null, dashes: the row is skipped and counted; a volume column of nothing else is none."""
    for word in ('N/A', 'n/a', '#N/A', 'NA', 'null', 'None', '-', '--', '.'):
        file = _inspect(_table('Date,Open,High,Low,Close,Volume', 'DAY,1.5,2.5,0.5,2.0,10') +
                        '2021-03-04,%s\n' % ','.join([word] * 5))
        assert (file['rows'], file['skipped'], file['last']) == (4, 1, '2021-03-03'), (word, file)
    _bars(_table('Date,Close/Last,Volume,Open,High,Low', 'DAY,$101.75,N/A,$100.50,$102.25,$99.00',
                 ('03/03/2021', '03/02/2021', '03/31/2021')),
          *('2021-03-%s,100.50,102.25,99.00,101.75' % d for d in ('02', '03', '31')), dialect='nasdaq')
    _refused(_table('Date,Open,High,Low,Close', 'DAY,1,2,1,1') + '2021-03-04,1,2,1,NaN\n', 'NaN', 'finite')


def lines_that_are_no_rows_are_told_from_rows():
    """Footers of vendors are left out and counted, empty lines of spreadsheets are nothing, cut rows are refused."""
    head = 'Time,Open,High,Low,Last,Change,%Chg,Volume,"Open Int"'
    row = 'DAY,100.50,102.25,99.00,101.75,0.5,+0.5%,1234567,7'
    _bars(_table(head, row) + '"Downloaded from Barchart.com as of 03-12-2020 05:12pm CDT"\n\n', *BAR,
          dialect='barchart', warnings=[{'code': 'footer', 'count': 1, 'first': 5}])
    _refused(_table(head, row) + 'Downloaded from here and there\n2021-03-04,1,2,1,1,0,0%,5,5\n', '9 fields expected')
    _refused(_table(head, row) + '2021-03-04,1\n', '9 fields expected, 2 found')
    _bars(_table('Date,Open,High,Low,Close,Volume', 'DAY,100.50,102.25,99.00,101.75,1234567') + ',,,,,\n,,,,,\n', *BAR,
          rows=3)


def headers_in_other_words_and_of_several_lines_are_read():
    """Polish, French, Chinese; pandas' two levels; what kdb and others call the time."""
    for header in ('Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen', 'date,ouv,haut,bas,clot,vol',
                   '日期,开盘,最高,最低,收盘,成交量', 'Fecha,Apertura,Máximo,Mínimo,Cierre,Volumen',
                   '<DTYYYYMMDD>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>', 'begin,open,high,low,latest,volume'):
        _bars(_table(header, 'DAY,100.50,102.25,99.00,101.75,1234567'), *BAR)
    pandas = _table('Price,Close,High,Low,Open,Volume\nTicker,AAPL,AAPL,AAPL,AAPL,AAPL\nDate,,,,,',
                    'DAY,101.75,102.25,99.00,100.50,1234567')
    _bars(pandas, *BAR)
    two = _table('Price,Close,Close,High,High,Low,Low,Open,Open\nTicker,A,B,A,B,A,B,A,B\nDate,,,,,,,,',
                 'DAY,101.75,1,102.25,1,99.00,1,100.50,1')
    assert _inspect(two)['choose'] == {'asset': ['A', 'B']}
    _bars(two, *(bar[:-8] for bar in BAR), keys='asset=A')
    _refused(_table('Date,Open,High,Low,Close', 'yesterday,1,2,1,1', ('',)) + '2021-03-01,1,2,1,1\n', 'yesterday')
    _refused(_table('Date,Open,High,Low,Close,Close', 'DAY,1,2,1,1,2'), 'two columns')
    _refused(_table('Date,Open,High,Low,Adj Close', 'DAY,1,2,1,1'), 'columns=')
    _refused(_table('Date,Open,High,Low,Close', '44256,1,2,1,1'), '"44256" is not a time')
    kdb = 'timestamp,symbol,side,size,price\n' + ''.join('2020-01-01D00:00:0%d.145000000,XBTUSD,Buy,5,7300.5\n' % i
                                                         for i in range(3))
    file = _inspect(kdb)
    assert (file['kind'], file['first'], file['rows']) == ('trades', '2020-01-01T00:00:00.145', 3), file


def a_zone_that_the_header_states_is_the_zone_of_its_labels():
    """Dukascopy's EET has summer time."""
    rows = ''.join('2021.0%d.01 09:0%d:00,1.5,2.5,0.5,2.0,10\n' % (m, i) for m in (3, 7) for i in range(2))
    _bars('Time (EET),Open,High,Low,Close,Volume \n' + rows, '2021-03-01T07:00:00Z,1.5,2.5,0.5,2.0,10',
          '2021-03-01T07:01:00Z,1.5,2.5,0.5,2.0,10', '2021-07-01T06:00:00Z,1.5,2.5,0.5,2.0,10',
          '2021-07-01T06:01:00Z,1.5,2.5,0.5,2.0,10', tz='EET')
    assert 'assumed' not in duet('data', 'inspect', 'f.csv').out
    write('f.csv', 'Time (exchange),Open,High,Low,Close,Volume\n' + rows)
    assert 'UTC assumed' in duet('data', 'inspect', 'f.csv').out


def texts_of_other_machines_are_rewritten():
    """UTF-16 either way round, lone carriage returns, in archives too."""
    import gzip
    text = _table('<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>',
                  'DAY\t100.50\t102.25\t99.00\t101.75\t1234567\t0\t1')
    for data in (text.encode('utf-16'), b'\xfe\xff' + text.encode('utf-16-be'), text.replace('\n', '\r'),
                 gzip.compress(text.encode('utf-16'))):
        _bars(data, *BAR, dialect='metatrader')
    _refused(text.encode('utf-16') + b'\x00', 'expected')


def a_quote_whose_other_side_stays_is_whole():
    """MetaTrader writes only the side that changed."""
    text = '<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>\n' + ''.join(
        '2021.03.01\t09:30:0%d.123\t%s\t%s\t\t\t6\n' % (i, bid, ask)
        for i, (bid, ask) in enumerate([('1.10', '1.12'), ('', '1.13'), ('1.11', ''), ('1.12', '1.14')]))
    file = _inspect(text)
    assert (file['kind'], file['dialect'], file['rows'], file['warnings']) == ('quotes', 'metatrader', 4, []), file
    run = duet('data', 'export', 'f.csv')
    assert [line.split(',')[1:3] for line in run.out.split('\n')[1:-1]] == [
        ['1.10', '1.12'], ['1.10', '1.13'], ['1.11', '1.13'], ['1.12', '1.14']], run


def values_within_the_objects_of_rows_are_cells():
    """OANDA's candles, with one price or with both sides; a row without values counts, the first one too."""
    sides = {'mid': ('100.50', '102.25', '99.00', '101.75'), 'ask': ('101', '103', '100', '102')}
    for names in (['mid'], ['mid', 'ask']):
        candles = [dict({'complete': True, 'volume': 1234567, 'time': '2021-03-0%dT00:00:00.000000000Z' % d},
                        **{name: dict(zip('ohlc', sides[name])) for name in names}) for d in (1, 2, 3)]
        text = json.dumps({'instrument': 'EUR_USD', 'candles': candles})
        _bars(text, *BAR, keys='asset=mid' if len(names) > 1 else '', name='f.json')
    assert _inspect(text, name='f.json')['choose'] == {'asset': ['mid', 'ask']}
    file = _inspect('[[1600000020000,null,null,null,null,null],[1600000080000,1,2,1,1,5],[1600000140000,1,2,1,1,5]]')
    assert (file['rows'], file['skipped'], file['warnings'][0]['code']) == (3, 1, 'blank_cell'), file


def ticks_of_lean_may_stand_between_milliseconds():
    """Its writer prints the time of day as a decimal number."""
    folder = 'equity/usa/tick/aapl'
    os.makedirs(folder)
    with zipfile.ZipFile(folder + '/20210304_trade.zip', 'w') as archive:
        archive.writestr('20210304_aapl_Trade_Tick.csv', ''.join(
            '%s,1219900,100,P,80000000,0\n' % ms for ms in ('34200000', '34200000.1234', '34200001.5')))
    run = duet('data', 'export', folder + '/20210304_trade.zip')
    assert [line.split(',')[:2] for line in run.out.split('\n')[1:-1]] == [
        ['2021-03-04T14:30:00Z', '121.99'], ['2021-03-04T14:30:00.0001234Z', '121.99'],
        ['2021-03-04T14:30:00.0015Z', '121.99']], run


def quotes_that_state_a_zone_only_sometimes_are_refused():
    """Half of them would be hours off."""
    text = 'timestamp,bid,ask\n2021-03-01 09:30:00Z,1,2\n2021-03-01 09:30:01Z,1,2\n2021-03-01 09:30:02,1,2\n'
    assert _refused(text, 'states no zone')['error']['line'] == 4


def dates_in_digits_are_read_the_way_that_makes_sense():
    """A year of two digits in front, hours behind days: not years apart, and not seconds after 2030."""
    _bars(_table('Date,Open,High,Low,Close,Volume', 'DAY,100.50,102.25,99.00,101.75,1234567',
                 ('21-03-01', '21-03-02', '21-03-03')), *BAR)
    _bars(_table('Date,Open,High,Low,Close,Volume', 'DAY,100.50,102.25,99.00,101.75,1234567',
                 ('01-03-21', '02-03-21', '03-03-21')), *BAR, keys='dates=dmy')
    _bars(_table('time,open,high,low,close,volume', 'DAY,1,2,1,1,5', ('2021030100', '2021030101', '2021030102')),
          *('2021-03-01T0%d:00:00Z,1,2,1,1,5' % h for h in range(3)))
    _bars(_table('time,open,high,low,close,volume', 'DAY,1,2,1,1,5', ('1600000020', '1600003620', '1600007220')),
          *('2020-09-13T%d:27:00Z,1,2,1,1,5' % h for h in (12, 13, 14)))


def a_price_a_day_is_no_trade():
    """Nobody traded at midnight: it is asked what the price is."""
    for header, row in (('Date,Price,Volume', 'DAY,1.5,100'), ('Date,Bid,Ask', 'DAY,1.10,1.11')):
        text = _table(header, row)
        assert _refused(text, 'columns=')['kind'] == 'other'
    _bars(text, *('2021-03-0%d,1.10,1.10,1.10,1.10' % d for d in (1, 2, 3)), keys='columns=time,close,-')


def volume_is_that_of_the_thing_traded():
    """Beside one in money, in either order; and the number of the row is no column of it."""
    for names, volumes in (('Volume USD,Volume BTC', '9999.5,1234567'), ('Volume BTC,Volume USD', '1234567,9999.5')):
        _bars(_table('date,open,high,low,close,' + names, 'DAY,100.50,102.25,99.00,101.75,' + volumes), *BAR)
    _bars(''.join('%d,2021-03-0%d,100.50,102.25,99.00,101.75,1234567\n' % (d - 1, d) for d in (1, 2, 3)), *BAR)


def what_people_read_fits_their_terminal():
    """Eighty columns, hundreds of columns without a meaning too; prices of ticks are not called closes."""
    many = ','.join('c%d' % i for i in range(300))
    write('many.csv', _table('Date,Open,High,Low,Close,' + many, 'DAY,1,2,1,1' + ',7' * 300))
    write('trades.csv', 'time,price,size\n' + ''.join('2021-03-01 09:30:0%d,1.5,2\n' % i for i in range(5)))
    run = duet('data', 'inspect', 'many.csv', 'trades.csv')
    assert run.code == 0 and max(map(len, run.out.split('\n'))) <= 80, run
    assert 'time,open,high,low,close and more that are not used\n' in run.out, run
    assert run.out.count('  closes ') == 1 and run.out.count('  prices ') == 1, run


main(globals())
