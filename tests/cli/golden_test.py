"""The whole way from CSV to ledger against numbers that other programs made, and against a small one written here.

The program here shares nothing with Duet: Python integers of 10^-12, sums over slices of the closes.
"""
import os
import random
from cli import backtest, duet, generate, main, rows, shared, write

GOLDEN = ['--strategy', 'sma_cross', '--param', 'fast=10', '--param', 'slow=50', '--param', 'size=100',
          '--cash', '1000000', '--commission', '0.001']


def _oracle(path, fast, slow, size, cash, rate_e12, decimals):
    """SMA cross by the last non-zero difference, long or flat, market orders at the next opening, no lot but 1.

    Returns fills as (label, quantity, price, commission, cash after) and the final equity, all in exact 10^-12.
    """
    unit = 10 ** (12 - decimals)
    labels, opens, closes = [], [], []
    for line in open(path).read().split('\n')[1:]:
        if line:
            cell = line.split(',')
            labels.append(cell[0])
            opens.append(int(cell[1].replace('.', '')))
            closes.append(int(cell[4].replace('.', '')))
    money, position, last, want = cash * 10 ** 12, 0, 0, None
    fills = []
    for i in range(len(closes)):
        if want is not None and want != position:
            quantity = want - position
            notional = opens[i] * abs(quantity) * unit
            commission, rest = divmod(notional * rate_e12, 10 ** 12)
            if rest * 2 > 10 ** 12 or (rest * 2 == 10 ** 12 and commission % 2):
                commission += 1
            money -= opens[i] * quantity * unit + commission
            position = want
            fills.append((labels[i], quantity, opens[i], commission, money))
        want = None
        if i + 1 >= slow:
            difference = sum(closes[i + 1 - fast:i + 1]) * slow - sum(closes[i + 1 - slow:i + 1]) * fast
            if difference:
                sign = 1 if difference > 0 else -1
                if last and sign != last:
                    want = size if sign > 0 else 0
                last = sign
    return fills, money + position * closes[-1] * unit


def _exact(text):
    """A decimal text as an integer of 10^-12."""
    sign, text = (-1, text[1:]) if text[:1] == '-' else (1, text)
    whole, _, part = text.partition('.')
    return sign * int(whole + part.ljust(12, '0'))


def _compare(path, fast, slow, size, decimals):
    expected, equity = _oracle(path, fast, slow, size, 1000000, 10 ** 9, decimals)
    result = backtest('--strategy', 'sma_cross', '--param', 'fast=%d' % fast, '--param', 'slow=%d' % slow,
                      '--param', 'size=%d' % size, '--cash', '1000000', '--commission', '0.001', '--data', 'X=' + path,
                      '--fills', 'fills.csv').json()
    got = [(r['time'], int(r['quantity']), int(r['price'].replace('.', '')), _exact(r['commission']), _exact(r['cash']))
           for r in rows('fills.csv')]
    assert got == expected, 'first difference: %s' % next(
        ((a, b) for a, b in zip(got, expected) if a != b), (len(got), len(expected)))
    assert _exact(result['final_equity']) == equity, result['final_equity']


def the_golden_run_agrees_line_by_line():
    """100,000 bars: fills, prices, commissions and cash as four other engines have them."""
    generate(100000, 'bars.csv')
    result = backtest(*GOLDEN, '--data', 'X=bars.csv', '--fills', 'fills.csv').json()
    assert result['final_equity'] == '970875.26822', result['final_equity']
    assert result['fills'] == 2835
    expected = [line.split(',') for line in
                open(shared('conformance', 'golden', 'fills_100000.csv')).read().split('\n') if line]
    got = rows('fills.csv')
    assert len(got) == len(expected) == 2835
    for mine, other in zip(got, expected):
        assert [mine[k] for k in ('time', 'side', 'quantity', 'price', 'commission', 'cash')] == other, (mine, other)


def statistics_agree_with_the_golden_analyzers():
    """Trades, drawdown and SQN of the golden run, as backtrader's and backtesting.py's analyzers print them."""
    generate(100000, 'bars.csv')
    stats = backtest(*GOLDEN, '--data', 'X=bars.csv').json()['stats']
    assert stats['trades'] == 1417 and stats['trades_won'] == 313
    assert abs(stats['max_drawdown'] - 0.029175683317381136) < 1e-12, stats['max_drawdown']
    assert abs(stats['sqn'] - -14.980305696491609) < 1e-9, stats['sqn']
    assert abs(stats['profit_factor'] - 17505.34492 / 46627.1616) < 1e-9, stats['profit_factor']


def other_seeds_and_lengths_agree_with_the_other_program():
    """Seeds, lengths and windows that no golden file knows."""
    for count, seed, fast, slow, size in ((1000, None, 10, 50, 100), (51, 3, 10, 50, 1), (5000, 7, 3, 8, 10),
                                          (20000, 99, 20, 200, 250), (7777, 12345, 1, 2, 7)):
        _compare(generate(count, 'bars%d.csv' % count, seed), fast, slow, size, 4)


def ties_between_averages_are_ties():
    """Two decimals make equal averages common; exact sums keep them equal."""
    lines = open(generate(30000, 'four.csv')).read().split('\n')
    out = [lines[0]]
    for line in lines[1:]:
        if line:
            c = line.split(',')
            out.append(','.join([c[0]] + ['%.2f' % float(v) for v in c[1:5]] + [c[5]]))
    write('two.csv', '\n'.join(out) + '\n')
    _compare('two.csv', 10, 50, 100, 2)


def own_samples_agree_too():
    """`duet data synth` needs no reference files, so this check runs everywhere."""
    for seed in range(1, 6):
        path = 'synth%d.csv' % seed
        assert duet('data', 'synth', '--bars', 3000, '--seed', seed, '--decimals', 4, path).code == 0
        _compare(path, random.Random(seed).randrange(2, 10), 30, 10, 4)


if __name__ == '__main__':
    main(globals())
