"""Conventions and benchmark as a user has them: names, figures, the page in the docs."""
import datetime
import json
import os
import re
from cli import Skip, backtest, duet, main, shared, write

CONVENTIONS = ['duet-1', 'backtrader', 'backtesting', 'lean', 'empyrical']


def _days(path, *closes):
    lines = ['date,open,high,low,close,volume']
    for i, close in enumerate(closes):
        lines.append('2024-01-%02d,%s,%s,%s,%s,1' % (i + 1, close, close, close, close))
    return write(path, '\n'.join(lines) + '\n')


def every_convention_names_itself_and_gives_its_own_figures():
    """stats.convention, a figure under the name that it has there, and every null with its reason."""
    data = shared('conformance', 'backtesting_py', 'GOOG.csv')
    own = {'duet-1': 'sharpe', 'backtrader': 'SharpeRatio_A.Days.sharperatio', 'backtesting': 'Sharpe Ratio',
           'lean': 'SharpeRatio', 'empyrical': 'sharpe_ratio'}
    seen = {}
    for name in CONVENTIONS:
        result = backtest('--strategy', 'sma_cross', '--data', 'GOOG=' + data, '--statistics', name).json()
        stats = result['stats']
        assert stats['convention'] == name, stats['convention']
        seen[name] = stats[own[name]]
        missing = [key for key, value in stats.items() if value is None and key not in result['na']]
        assert not missing, (name, missing)
    # Same days, same deviation, no rate: what differs is the rate of backtrader and LEAN, and the means of the others.
    assert abs(seen['duet-1'] - seen['empyrical']) < 1e-12, seen
    assert len({round(value, 9) for value in seen.values()}) == 4, seen


def a_convention_changes_what_is_told_and_not_what_is_done():
    """Equal hashes, fills and money under each of them."""
    data = shared('conformance', 'backtesting_py', 'GOOG.csv')
    runs = [backtest('--strategy', 'sma_cross', '--data', 'GOOG=' + data, '--statistics', name).json()
            for name in CONVENTIONS]
    for key in ('event_hash', 'decision_hash', 'final_equity', 'fills', 'years', 'drawdowns', 'costs'):
        assert all(run[key] == runs[0][key] for run in runs), key


def an_unknown_convention_is_refused_with_the_nearest():
    """Exit 2 before anything is read."""
    run = duet('backtest', '--strategy', 'sma_cross', '--data', 'A=nowhere.csv', '--statistics', 'leann')
    assert run.code == 2 and 'did you mean "lean"' in run.err, run
    run = duet('statistics', 'backtradr')
    assert run.code == 2 and 'did you mean "backtrader"' in run.err, run


def the_statistics_page_is_the_tables_of_the_code():
    """docs/statistics.md ends in what `duet statistics --markdown` prints."""
    root = os.environ.get('DUET_SOURCE_ROOT', '')
    if not root:
        raise Skip('needs DUET_SOURCE_ROOT')
    made = duet('statistics', '--markdown').out
    with open(os.path.join(root, 'docs', 'statistics.md'), encoding='utf-8') as f:
        page = f.read()
    marker = page.index('<!-- Below')
    below = page[page.index('\n', marker) + 1:]
    assert below == made, 'put the output of duet statistics --markdown below the marker of docs/statistics.md'
    for name in CONVENTIONS:
        assert '\n## %s\n' % name in made, name


def every_figure_of_a_run_is_in_the_reference():
    """Keys of `stats` and of the page agree; figures that a run has one per year of are told by their first part."""
    data = shared('conformance', 'backtesting_py', 'GOOG.csv')
    for name in CONVENTIONS:
        listed = duet('statistics', name).out
        stats = backtest('--strategy', 'sma_cross', '--data', 'GOOG=' + data, '--statistics', name).json()['stats']
        for key in stats:
            stem = re.sub(r'\.\d{4}(-\d\d)?$', '', key)
            assert key in ('convention', 'annualisation') or '  %s ' % stem in listed, (name, key)


def a_benchmark_of_its_own_is_held_against_and_not_traded():
    """A flat run against a file that gains a fifth: excess is minus a fifth, by hand."""
    _days('a.csv', '10.00', '10.00', '10.00')
    _days('b.csv', '50.00', '55.00', '60.00')
    result = backtest('--strategy', 'buy_and_hold', '--data', 'A=a.csv', '--benchmark', 'B=b.csv').json()
    assert result['benchmark'] == 'B' and [d['symbol'] for d in result['data']] == ['A']
    assert abs(result['stats']['benchmark_return'] - 0.2) < 1e-12, result['stats']
    assert abs(result['stats']['excess_return'] + 0.2) < 1e-12, result['stats']
    assert result['stats']['beta'] is None and result['na']['beta'] == 'under 30 returns'
    none = backtest('--strategy', 'buy_and_hold', '--data', 'A=a.csv', '--benchmark', 'none').json()
    assert none['benchmark'] is None and none['na']['benchmark'] == 'no benchmark'
    assert none['event_hash'] == result['event_hash']


def the_summary_tells_years_and_the_figures_that_were_asked_for():
    """Over two years the years stand in rows; another convention's main figures stand below."""
    data = shared('conformance', 'backtesting_py', 'GOOG.csv')
    text = duet('backtest', '--strategy', 'sma_cross', '--data', 'GOOG=' + data, '--statistics', 'backtesting').out
    assert 'Years' in text and '2008' in text and 'benchmark' in text, text
    assert 'Figures of backtesting' in text and 'Kelly Criterion' in text, text
    _days('a.csv', '10.00', '10.00', '10.00')
    text = duet('backtest', '--strategy', 'buy_and_hold', '--data', 'A=a.csv').out
    assert 'Years' not in text and 'Figures of' not in text, text


def no_edge_leaves_a_figure_that_is_none():
    """One bar, a price that stands, a fall to nothing, weeks, months: numbers, or null with its reason."""
    start = datetime.date(2020, 1, 1)
    series = {
        'one': (1, [10]), 'still': (1, [10] * 60), 'four': (1, [10, 11, 12, 11]),
        'fall': (1, [max(0.01, round(100 * 0.8**i, 2)) for i in range(40)]),
        'weeks': (7, [10 + i % 7 for i in range(160)])}
    for name, (step, closes) in series.items():
        days = [start + datetime.timedelta(step * i) for i in range(len(closes))]
        write(name + '.csv', 'date,open,high,low,close,volume\n' +
              ''.join('%s,%s,%s,%s,%s,9\n' % (day, c, c, c, c) for day, c in zip(days, closes)))
    months = ['%d-%02d-01' % (2015 + i // 12, 1 + i % 12) for i in range(60)]
    write('months.csv', 'date,open,high,low,close,volume\n' +
          ''.join('%s,%s,%s,%s,%s,9\n' % (day, c, c, c, c) for day, c in zip(months, [10, 11, 13, 12] * 15)))
    runs = [('buy_and_hold', name) for name in list(series) + ['months']]
    runs += [('sma_cross', 'still'), ('sma_cross', 'one')]
    for strategy, name in runs:
        for convention in CONVENTIONS:
            run = duet('backtest', '--strategy', strategy, '--data', 'X=%s.csv' % name, '--statistics', convention,
                       '--json')
            result = json.loads(run.out, parse_constant=lambda word: 1 / 0)  # NaN and Infinity are no JSON
            unexplained = [key for key, value in result['stats'].items() if value is None and key not in result['na']]
            assert not unexplained, (name, convention, unexplained)
        text = duet('backtest', '--strategy', strategy, '--data', 'X=%s.csv' % name).out
        assert not re.search(r'(?i)\b(nan|inf)\b', text), text


main(globals())
