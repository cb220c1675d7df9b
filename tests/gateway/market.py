"""The market of the gateway peer: bars from CSV files or made up, told instant by instant, and orders that meet them.

An instant T has two parts, as in a backtest: the ranges of the bars that close at T are met and the bars are told; then
the bars that open at T meet what waits, and their openings are told. An order that arrives between the two meets the
opening at T, which is what Duet's paper venue does with an order sent on the close of a bar.
"""
import csv
import datetime
import json
import random
from decimal import Decimal

SECOND = 1000000000


def instant_ns(text):
    """A number (seconds, milliseconds or nanoseconds since 1970) or a date, in UTC."""
    text = text.strip()
    if text.replace('.', '', 1).isdigit() and len(text) >= 9:
        number = Decimal(text)
        for limit, factor in ((10**11, SECOND), (10**14, 10**6), (10**17, 10**3), (10**20, 1)):
            if number < limit:
                return int(number * factor)
    when = datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
    when = when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)
    return (int(when.timestamp()) * SECOND) + when.microsecond * 1000


class Bar:
    __slots__ = ('time', 'open', 'high', 'low', 'close', 'volume')

    def __init__(self, time, prices, volume):
        self.time, self.volume = time, volume
        self.open, self.high, self.low, self.close = prices


class Series:
    def __init__(self, symbol, interval, bars):
        self.symbol, self.interval, self.bars = symbol, interval, bars

    @staticmethod
    def from_csv(symbol, path, interval):
        bars = []
        with open(path, newline='') as file:
            reader = csv.reader(file)
            header = [name.strip().lower() for name in next(reader)]
            column = {name: header.index(name) for name in ('open', 'high', 'low', 'close')}
            time = next(header.index(n) for n in ('time', 'timestamp', 'date', 'datetime') if n in header)
            volume = header.index('volume') if 'volume' in header else None
            for row in reader:
                if row:
                    bars.append(Bar(instant_ns(row[time]), [Decimal(row[column[n]]) for n in column],
                                    Decimal(row[volume]) if volume is not None else Decimal(0)))
        return Series(symbol, interval, bars)

    @staticmethod
    def made_up(symbol, count, interval, seed=1, start=1704067200 * SECOND, price=Decimal(100)):
        """A walk in cents; the same for the same seed."""
        chance, bars, cents = random.Random('%s %s' % (symbol, seed)), [], int(price * 100)
        for i in range(count):
            path = [cents]
            for _ in range(3):
                path.append(max(100, path[-1] + chance.randint(-30, 30)))
            cents = max(100, path[-1] + chance.randint(-5, 5))
            bars.append(Bar(start + i * interval, [Decimal(v) / 100 for v in
                                                   (path[0], max(path), min(path), path[-1])],
                            Decimal(chance.randint(1, 1000))))
        return Series(symbol, interval, bars)

    def write_csv(self, path):
        """For a backtest, or a file feed, over the same bars."""
        with open(path, 'w') as file:
            file.write('timestamp,open,high,low,close,volume\n')
            for bar in self.bars:
                file.write('%d,%s,%s,%s,%s,%s\n' % (bar.time // SECOND, bar.open, bar.high, bar.low, bar.close,
                                                    bar.volume))


class Market:
    def __init__(self, series, commission=Decimal(0), ticks=0):
        self.series, self.commission, self.ticks = series, commission, ticks
        self.instants = {}
        for one in sorted(series, key=lambda s: (s.interval, s.symbol)):
            for bar in one.bars:
                self.instants.setdefault(bar.time, ([], []))[1].append((one, bar))
                self.instants.setdefault(bar.time + one.interval, ([], []))[0].append((one, bar))
        self.times = sorted(self.instants)
        self.executes = {}
        for one in series:
            if one.symbol not in self.executes or one.interval < self.executes[one.symbol].interval:
                self.executes[one.symbol] = one

    def history(self, symbol, interval, begin, end, last, known_ns):
        """Bars that have closed by `known_ns`."""
        bars = [bar for one in self.series if one.symbol == symbol and one.interval == interval for bar in one.bars
                if begin <= bar.time < end and bar.time + interval <= known_ns]
        return bars[-last:] if last else bars

    # -- what a step tells

    def closings(self, time):
        messages = []
        for one, bar in self.instants[time][0]:
            messages += self._ticks(one, bar) if self.executes[one.symbol] is one else []
        return messages + [bar_message(one, bar) for one, bar in self.instants[time][0]]

    def openings(self, time):
        return [{'type': 'opening', 'symbol': one.symbol, 'interval': one.interval // SECOND, 'time': bar.time,
                 'open': str(bar.open)} for one, bar in self.instants[time][1]]

    def _ticks(self, one, bar):
        if self.ticks == 0:
            return []
        messages, count = [], max(self.ticks, 4)
        prices = [bar.open, bar.low, bar.high] + [bar.close] * (count - 3)
        for i, price in enumerate(prices):
            time = bar.time + i * one.interval // count
            cent = Decimal('0.01')
            messages.append({'type': 'quote', 'symbol': one.symbol, 'time': time, 'bid': str(price - cent),
                             'ask': str(price + cent), 'bid_size': '100', 'ask_size': '100'})
            messages.append({'type': 'trade', 'symbol': one.symbol, 'time': time, 'price': str(price),
                             'quantity': '1', 'side': 'buy' if i % 2 else 'sell'})
        return messages

    # -- what orders meet; each gives [(order row, price)]

    def meet_ranges(self, orders, time):
        met = []
        for one, bar in self.instants[time][0]:
            if self.executes[one.symbol] is not one:
                continue
            for order in orders:
                state = json.loads(order['state'])
                if order['symbol'] == one.symbol and state['range_from'] <= bar.time:
                    price = self._in_range(order, state, bar)
                    if price is not None:
                        met.append((order, price))
        return met

    def meet_openings(self, orders, time):
        met = []
        for one, bar in self.instants[time][1]:
            if self.executes[one.symbol] is not one:
                continue
            for order in orders:
                if order['symbol'] == one.symbol:
                    price = self._at(order, json.loads(order['state']), bar.open)
                    if price is not None:
                        met.append((order, price))
        return met

    @staticmethod
    def _at(order, state, price):
        side, kind = order['side'], order['type']
        if kind in ('stop', 'stop_limit') and side * (price - Decimal(state['stop_price'])) < 0:
            return None
        if kind in ('limit', 'stop_limit') and side * (Decimal(state['price']) - price) < 0:
            return None
        return price

    @staticmethod
    def _in_range(order, state, bar):
        side, kind = order['side'], order['type']
        if kind == 'limit':
            limit = Decimal(state['price'])
            return limit if bar.low <= limit <= bar.high or side * (limit - bar.open) >= 0 else None
        if kind == 'stop':
            stop = Decimal(state['stop_price'])
            return stop if bar.low <= stop <= bar.high else None
        return None


def bar_message(one, bar):
    return {'type': 'bar', 'symbol': one.symbol, 'interval': one.interval // SECOND, 'time': bar.time,
            'open': str(bar.open), 'high': str(bar.high), 'low': str(bar.low), 'close': str(bar.close),
            'volume': str(bar.volume)}
