"""Backtests over trades and quotes: fills recomputed from the files in decimal arithmetic, and no look ahead."""
import datetime
import decimal
import random
from cli import backtest, duet, main, rows, shared, write

Decimal = decimal.Decimal
HISTDATA = ('ticks', 'histdata', 'quote_tick_data_EURUSD_202001.csv')
TRUEFX = ('ticks', 'truefx', 'usdjpy-ticks.csv')
BINANCE = ('ticks', 'binance_aggtrades', 'XRPETH-aggTrades-2019-10-11.csv')
EPOCH = datetime.datetime(1970, 1, 1)
MINUTE = 60 * 10**9


def _ns(text, form, hours=0):
    """Nanoseconds of a label in a zone that is `hours` behind UTC."""
    when = datetime.datetime.strptime(text, form) + datetime.timedelta(hours=hours)
    return int((when - EPOCH) / datetime.timedelta(microseconds=1)) * 1000


def _histdata():
    """Time, bid and ask of each line; HistData writes New York's winter time."""
    quotes = []
    for line in open(shared('data', *HISTDATA)):
        stamp, bid, ask, _ = line.split(',')
        quotes.append((_ns(stamp, '%Y%m%d %H%M%S%f', 5), Decimal(bid), Decimal(ask)))
    return quotes


def _binance():
    """Time and price of each trade."""
    trades = []
    for line in open(shared('data', *BINANCE)):
        fields = line.split(',')
        trades.append((int(fields[5]) * 10**6, Decimal(fields[1])))
    return trades


def _bars(name, ticks):
    """Bars of a minute from (time, price), written down; they begin where the first tick lies."""
    bars = {}
    for ns, price in ticks:
        bar = bars.setdefault(ns // MINUTE, [price, price, price, price])
        bar[1], bar[2], bar[3] = max(bar[1], price), min(bar[2], price), price
    lines = ['time,open,high,low,close'] + ['%d,%s' % (minute * 60, ','.join(map(str, bar)))
                                            for minute, bar in sorted(bars.items())]
    return write(name, '\n'.join(lines) + '\n')


def _time_ns(text):
    """Of a row of --fills: seconds, and as many places as there are."""
    whole, _, fraction = text.partition('.')
    return _ns(whole, '%Y-%m-%d %H:%M:%S') + int((fraction + '000000000')[:9])


def _units(price, up, unit):
    """A double in whole units, away from the market; what is noise of its arithmetic is none."""
    exact = Decimal(price) / unit
    nearest = exact.to_integral_value()
    if abs(exact - nearest) < Decimal('1e-7'):
        return nearest * unit
    return exact.to_integral_value(decimal.ROUND_CEILING if up else decimal.ROUND_FLOOR) * unit


class _Maker:
    """The strategy and the rules of docs/fills.md, told anew: doubles where it reasons, decimals where money is."""

    def __init__(self, half_spread_bps, unit, size=1.0, most=5.0, skew=0.5):
        self.half_spread_bps, self.unit, self.size, self.most, self.skew = half_spread_bps, unit, size, most, skew
        self.orders = {1: None, -1: None}  # side: [wanted price, limit, time, has rested]
        self.held, self.cash, self.fills = 0, Decimal(100000), []

    def _meet(self, ns, bid, ask):
        for side in sorted((s for s in self.orders if self.orders[s]), key=lambda s: self.orders[s][4]):
            wanted, limit, since, rested, rank = self.orders[side]
            price = ask if side > 0 else bid
            if ns <= since:
                continue
            if side * (limit - price) >= 0:
                price = limit if rested else price
                self.held += side
                self.cash -= side * price
                self.fills.append((ns, side, price, self.cash))
                self.orders[side] = None
            else:
                self.orders[side][3] = True

    def _quote(self, ns, side, wanted, rank):
        order = self.orders[side]
        if order and abs(wanted - order[0]) < float(self.unit):
            return
        self.orders[side] = [wanted, _units(wanted, side < 0, self.unit), ns, False, rank]

    def take(self, rank, ns, bid, ask):
        self._meet(ns, bid, ask)
        low, high, tick = float(bid), float(ask), float(self.unit)
        middle = (low + high) / 2
        half = middle * self.half_spread_bps / 10000
        centre = middle - self.held / self.most * self.skew * half
        for side, price in ((1, min(centre - half, high - tick)), (-1, max(centre + half, low + tick))):
            if -self.most <= self.held + side * self.size <= self.most:
                self._quote(ns, side, price, (rank, -side))
            else:
                self.orders[side] = None


def the_quote_makers_fills_are_those_of_the_quotes():
    """Every fill of three spreads, its time, price and the cash after it, from nothing but the file."""
    quotes = _histdata()
    for spread in (1, 0.5, 0.1):
        maker = _Maker(spread, Decimal('0.000001'))
        for i, (ns, bid, ask) in enumerate(quotes):
            maker.take(i, ns, bid, ask)
        result = backtest('--strategy', 'quote_maker', '--param', 'half_spread_bps=%s' % spread, '--data',
                          'EURUSD=' + shared('data', *HISTDATA), '--fills', 'f.csv').json()
        got = [(_time_ns(r['time']), 1 if r['side'] == 'BUY' else -1, Decimal(r['price']), Decimal(r['cash']))
               for r in rows('f.csv')]
        assert got == maker.fills, (spread, got[:5], maker.fills[:5], len(got), len(maker.fills))
        assert len(got) > 2 and result['fills'] == len(got)
        assert Decimal(result['final_cash']) == maker.cash
        bid, ask = quotes[-1][1:]
        mark = ((bid + ask) / 2).quantize(Decimal('0.000001'), decimal.ROUND_FLOOR)
        assert Decimal(result['final_equity']) == maker.cash + maker.held * mark


def market_orders_of_bars_meet_the_first_quote_after_the_close():
    """Bars inform and quotes fill: buyers at the ask, sellers at the bid, of the first quote later than the close."""
    quotes = _histdata()
    _bars('m.csv', [(ns, bid) for ns, bid, _ in quotes])
    result = backtest('--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=5', '--data',
                      'EURUSD=' + shared('data', *HISTDATA), '--data', 'EURUSD=m.csv,interval=1m', '--fills', 'f.csv',
                      '--orders', 'o.csv').json()
    created = {r['order_id']: _time_ns(r['created']) for r in rows('o.csv')}
    fills = rows('f.csv')
    assert len(fills) > 10 and result['ticks'] == len(quotes) and result['bars'] > 300
    for fill in fills:
        sent = created[fill['order_id']]
        assert sent % MINUTE == 0, fill  # sent when a bar closed
        ns, bid, ask = next(q for q in quotes if q[0] > sent)
        assert _time_ns(fill['time']) == ns, (fill, sent)
        assert Decimal(fill['price']) == (ask if fill['side'] == 'BUY' else bid), (fill, bid, ask)
    kinds = {d['path'].rsplit('/')[-1]: (d['kind'], d['rows'], d['interval_s'], d['stamp']) for d in result['data']}
    assert kinds['m.csv'][0] == 'bars' and kinds['m.csv'][2:] == (60, 'open')
    assert kinds[HISTDATA[-1]] == ('quotes', 9500, None, None), kinds


def market_orders_of_bars_meet_the_first_trade_after_the_close():
    """The same with trades, whose stamps repeat: of one time, the first in the file."""
    trades = _binance()
    _bars('m.csv', trades)
    result = backtest('--strategy', 'sma_cross', '--param', 'fast=3', '--param', 'slow=8', '--data',
                      'XRPETH=' + shared('data', *BINANCE), '--data', 'XRPETH=m.csv,interval=1m', '--fills', 'f.csv',
                      '--orders', 'o.csv').json()
    created = {r['order_id']: _time_ns(r['created']) for r in rows('o.csv')}
    fills = rows('f.csv')
    assert len(fills) > 50 and result['ticks'] == len(trades)
    for fill in fills:
        ns, price = next(t for t in trades if t[0] > created[fill['order_id']])
        assert (_time_ns(fill['time']), Decimal(fill['price'])) == (ns, price), (fill, ns, price)


def bars_fill_where_they_are_told_to():
    """exec=1 at the bars: then quotes inform, and fills are those of the bars alone."""
    _bars('m.csv', [(ns, bid) for ns, bid, _ in _histdata()])
    args = ('--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=5')
    alone = backtest(*args, '--data', 'EURUSD=m.csv,interval=1m', '--fills', 'a.csv').json()
    both = backtest(*args, '--data', 'EURUSD=' + shared('data', *HISTDATA), '--data', 'EURUSD=m.csv,interval=1m,exec=1',
                    '--fills', 'b.csv').json()
    assert open('a.csv').read() == open('b.csv').read() and alone['fills'] > 10
    assert alone['final_equity'] == both['final_equity'] and both['ticks'] == 9500


def a_run_on_the_first_ticks_decides_as_the_full_run_up_to_there():
    """Thirty random lengths, on quotes with and without repeated stamps."""
    rng = random.Random(7)
    for parts, symbol, keys, spread, form, hours in (
            (HISTDATA, 'EURUSD', 'decimals=6', '0.1', '%Y%m%d %H%M%S%f', 5),
            (TRUEFX, 'USDJPY', 'decimals=3', '1', '%Y-%m-%d %H:%M:%S.%f+00:00', 0)):
        lines = open(shared('data', *parts)).read().splitlines()

        def decisions(path):
            run = backtest('--strategy', 'quote_maker', '--param', 'half_spread_bps=' + spread, '--data',
                           '%s=%s,%s' % (symbol, path, keys), '--orders', 'o.csv', '--fills', 'f.csv', '--cache', 'off')
            assert run.code == 0, run
            orders = [[r[k] for k in ('order_id', 'created', 'side', 'type', 'quantity', 'price', 'reason')]
                      for r in rows('o.csv')]
            return sorted(orders, key=lambda r: int(r[0])), rows('f.csv')

        full, filled = decisions(shared('data', *parts))
        assert full and filled
        for _ in range(15):
            k = rng.randrange(2, len(lines))
            write('part.csv', '\n'.join(lines[:k]) + '\n')
            part, part_filled = decisions('part.csv')
            assert part == full[:len(part)] and part_filled == filled[:len(part_filled)], (parts, k)
            last = _ns(lines[k - 1].split(',')[0], form, hours)  # ticks of this time may go on in the full file
            assert all(_time_ns(r[1]) >= last for r in full[len(part):]), (parts, k)


def ticks_give_one_hash_whatever_the_loop_and_the_cache():
    """Cold, warm, off, either loop, and the order of the command line."""
    data = [['--data', 'EURUSD=' + shared('data', *HISTDATA)], ['--data', 'USDJPY=' + shared('data', *TRUEFX)]]
    seen = set()
    for i, more in enumerate(([], [], ['--cache', 'off'], ['--loop', 'libevent'])):
        ordered = data if i % 2 else data[::-1]
        result = backtest('--strategy', 'quote_maker', *[a for d in ordered for a in d], *more).json()
        seen.add((result['event_hash'], result['decision_hash'], result['final_equity']))
    assert len(seen) == 1, seen
    assert duet('check', 'lookahead', '--strategy', 'quote_maker', *data[0]).code == 0


def from_and_to_cut_ticks_where_they_say():
    """A time for each: the first is in, the second is not; equity rows are one per time."""
    quotes = [q for q in _histdata() if _ns('2020-01-01 22:30', '%Y-%m-%d %H:%M') <= q[0] <
              _ns('2020-01-01 23:00', '%Y-%m-%d %H:%M')]
    result = backtest('--strategy', 'quote_maker', '--data', 'EURUSD=' + shared('data', *HISTDATA), '--from',
                      '2020-01-01 22:30', '--to', '2020-01-01 23:00', '--equity', 'e.csv').json()
    assert result['ticks'] == len(quotes), (result['ticks'], len(quotes))
    assert len(rows('e.csv')) == len({q[0] for q in quotes})


def odd_quotes_are_named_in_the_result():
    """Crossed, one-sided and out of order: counted, and where the first one stands."""
    write('q.csv', 'timestamp,bid,ask\n2024-01-02 10:00:00,99,101\n2024-01-02 10:00:01,102,101\n'
          '2024-01-02 10:00:03,0,101\n2024-01-02 10:00:02,99,101\n')
    result = backtest('--strategy', 'quote_maker', '--data', 'Q=q.csv').json()
    found = {w['code']: (w['count'], w['first']) for w in result['warnings']}
    assert found['crossed_quote'] == (1, 'q.csv:3') and found['zero_price'] == (1, 'q.csv:4'), found
    assert found['out_of_order'] == (1, 'q.csv:5'), found


def a_strategy_that_hears_nothing_is_named():
    """One of bars over quotes alone; with a report, whose page shows the quotes all the same."""
    result = backtest('--strategy', 'trend', '--data', 'EURUSD=' + shared('data', *HISTDATA), '--report', 'r').json()
    assert 'not_heard' in {w['code'] for w in result['warnings']}, result['warnings']
    assert result['fills'] == 0 and result['stats']['trades'] == 0
    data = 'EURUSD=' + shared('data', *HISTDATA)
    run = duet('backtest', '--strategy', 'quote_maker', '--data', data, '--report', 'r')
    assert run.code == 0 and 'quotes, 9,500 rows' in run.out and '9,500 ticks' in ' '.join(run.out.split()), run


if __name__ == '__main__':
    main(globals())
