"""The figures of duet-1, reckoned again from what a run writes: plain loops over --equity and --fills, money exact."""
import csv
import datetime
import math
from decimal import Decimal, getcontext
from cli import backtest, main, shared

getcontext().prec = 50
DAY = datetime.timedelta(days=1)


def _time(text):
    return datetime.datetime.fromisoformat(text.rstrip('Z'))


def _run(*args):
    result = backtest('--benchmark', 'none', '--equity', 'equity.csv', '--fills', 'fills.csv', *args).json()
    with open('equity.csv', newline='') as f:
        curve = [(_time(row['time']), Decimal(row['equity']), Decimal(row['gross'])) for row in csv.DictReader(f)]
    with open('fills.csv', newline='') as f:
        fills = list(csv.DictReader(f))
    return result, curve, fills


def _day_ends(curve):
    """Last equity of each day; midnight belongs to the day that ends."""
    days = {}
    for when, equity, _ in curve:
        days[(when - datetime.timedelta(microseconds=1)).date()] = equity
    return sorted(days.items())


def _bar_days(days):
    """365 where over half of the weeks have a Saturday."""
    weeks = {day.isocalendar()[:2] for day, _ in days}
    saturdays = {day.isocalendar()[:2] for day, _ in days if day.weekday() == 5}
    return 365 if 2 * len(saturdays) > len(weeks) else 252


def _returns(days, initial, year):
    """A weekend counts to its Monday where the year has 252 returns."""
    last, out = initial, []
    for i, (day, equity) in enumerate(days):
        friday = day - DAY * (day.weekday() - 4)
        monday_follows = any(later - friday == 3 * DAY for later, _ in days[i + 1:i + 3])
        if year == 252 and day.weekday() > 4 and monday_follows:
            continue
        out.append(float(equity / last - 1))
        last = equity
    return out


def _quantile(values, share):
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _ratios(returns, year):
    n = len(returns)
    mean = math.fsum(returns) / n
    moments = [math.fsum((r - mean)**k for r in returns) / n for k in range(5)]
    sample = math.sqrt(moments[2] * n / (n - 1))
    down = math.sqrt(math.fsum(min(r, 0)**2 for r in returns) / n)
    low, lowest = _quantile(returns, 0.05), _quantile(returns, 0.01)
    root = math.sqrt(year)
    skew = moments[3] / moments[2]**1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    kurtosis = ((n + 1) * (moments[4] / moments[2]**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    sums = [math.fsum(math.log1p(r) for r in returns[:i + 1]) for i in range(n)]
    middle, average = (n - 1) / 2, math.fsum(sums) / n
    across = math.fsum((i - middle) * (s - average) for i, s in enumerate(sums))
    straight = across**2 / math.fsum((i - middle)**2 for i in range(n)) / math.fsum((s - average)**2 for s in sums)
    tails = [[r for r in returns if r <= most] for most in (low, lowest)]
    return {
        'daily_returns': n, 'average_day': mean, 'best_day': max(returns), 'worst_day': min(returns),
        'winning_days': sum(r > 0 for r in returns) / n, 'volatility': root * sample, 'sharpe': root * mean / sample,
        'sharpe_se': root * math.sqrt((1 + (mean / sample)**2 / 2) / n), 'sortino': root * mean / down,
        'downside_deviation': root * down, 'skew': skew, 'kurtosis': kurtosis, 'stability': straight,
        'omega': math.fsum(max(r, 0) for r in returns) / math.fsum(max(-r, 0) for r in returns),
        'tail_ratio': _quantile(returns, 0.95) / -low, 'var_95': low, 'var_99': lowest,
        'cvar_95': math.fsum(tails[0]) / len(tails[0]), 'cvar_99': math.fsum(tails[1]) / len(tails[1])}


def _drawdowns(curve, initial, begin):
    """The deepest, per instant: how deep, in money, from when to when, and when it was made up for."""
    peak, peak_when, worst, amount, times, recovered = initial, begin, Decimal(0), Decimal(0), None, None
    for when, equity, _ in curve:
        if equity >= peak:
            if times is not None and recovered is None and times[0] == peak_when:
                recovered = when
            peak, peak_when = equity, when
            continue
        if (peak - equity) / peak > worst:
            worst, amount, times, recovered = (peak - equity) / peak, peak - equity, (peak_when, when), None
    return float(worst), amount, times, recovered


def _periods(days, initial, key):
    """Changes over calendar months or years, the first against the initial cash."""
    ends = {}
    for day, equity in days:
        ends[key(day)] = equity
    last, out = initial, []
    for _, equity in sorted(ends.items()):
        out.append(float(equity / last - 1))
        last = equity
    return out


def _trades(fills):
    """From flat to flat per instrument: (net, entry value, first time, last time, side)."""
    held, out = {}, []
    for fill in fills:
        quantity, price = Decimal(fill['quantity']), Decimal(fill['price'])
        trade = held.setdefault(fill['symbol'], {'q': Decimal(0), 'cash': Decimal(0), 'entries': Decimal(0)})
        if trade['q'] == 0:
            trade.update(cash=Decimal(0), entries=Decimal(0), first=_time(fill['time']), side=quantity > 0)
        trade['cash'] -= quantity * price + Decimal(fill['commission'])
        if (quantity > 0) == trade['side']:
            trade['entries'] += abs(quantity) * price
        trade['q'] += quantity
        if trade['q'] == 0:
            out.append((trade['cash'], trade['entries'], trade['first'], _time(fill['time']), trade['side']))
    return out


def _median(values):
    ordered = sorted(values)
    n = len(ordered)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def _trade_figures(trades):
    nets = [trade[0] for trade in trades]
    shares = [float(trade[0] / trade[1]) for trade in trades]
    won, lost = [n for n in nets if n > 0], [n for n in nets if n < 0]
    held = [(trade[3] - trade[2]).total_seconds() for trade in trades]
    mean = sum(nets) / len(nets)
    spread = math.sqrt(float(sum((n - mean)**2 for n in nets)) / (len(nets) - 1))
    streaks = {True: 0, False: 0}
    for sign in (True, False):
        run = 0
        for net in nets:
            run = run + 1 if (net > 0 if sign else net < 0) else 0
            streaks[sign] = max(streaks[sign], run)
    return {
        'trades': len(nets), 'trades_won': len(won), 'trades_lost': len(lost),
        'trades_long': sum(trade[4] for trade in trades), 'trades_short': sum(not trade[4] for trade in trades),
        'win_rate': len(won) / len(nets), 'profit_factor': float(sum(won) / -sum(lost)),
        'payoff_ratio': float(sum(won) / len(won) / (-sum(lost) / len(lost))), 'expectancy': float(mean),
        'average_win': float(sum(won) / len(won)), 'average_loss': float(sum(lost) / len(lost)),
        'largest_win': float(max(nets)), 'largest_loss': float(min(nets)),
        'average_trade': math.fsum(shares) / len(shares), 'median_trade': _median(shares), 'best_trade': max(shares),
        'worst_trade': min(shares), 'average_holding_s': math.fsum(held) / len(held),
        'median_holding_s': _median(held), 'longest_holding_s': max(held), 'longest_won_streak': streaks[True],
        'longest_lost_streak': streaks[False], 'sqn': math.sqrt(len(nets)) * float(mean) / spread}


def _agrees(result, curve, fills):
    stats, initial = result['stats'], Decimal(result['initial_cash'])
    days = _day_ends(curve)
    year = _bar_days(days)
    assert stats['annualisation']['periods'] == year, stats['annualisation']
    wanted = _ratios(_returns(days, initial, year), year)
    wanted.update(_trade_figures(_trades(fills)))
    total = curve[-1][1] / initial - 1
    years = (_time(result['end']) - _time(result['start'])).total_seconds() / 31557600
    wanted['total_return'] = float(total)
    wanted['max_drawdown'], amount, times, recovered = _drawdowns(curve, initial, _time(result['start']))
    wanted['recovery_factor'] = float((curve[-1][1] - initial) / amount)
    wanted['max_drawdown_amount'] = float(amount)
    if years >= 1:
        wanted['cagr'] = float(1 + total)**(1 / years) - 1
        wanted['calmar'] = wanted['cagr'] / wanted['max_drawdown']
        wanted['annual_return'] = float(1 + total)**(year / wanted['daily_returns']) - 1
    for name, key in (('month', lambda day: (day.year, day.month)), ('year', lambda day: day.year)):
        changes = _periods(days, initial, key)
        wanted['best_' + name], wanted['worst_' + name] = max(changes), min(changes)
    peak, at = initial, {}
    for when, equity, _ in curve:
        peak = max(peak, equity)
        at[(when - datetime.timedelta(microseconds=1)).date()] = float((peak - equity) / peak)
    squares = [share * share for share in at.values()]
    wanted['ulcer_index'] = math.sqrt(math.fsum(squares) / len(squares))
    assert [_time(stats['max_drawdown_start']), _time(stats['max_drawdown_end'])] == list(times), (stats, times)
    if recovered is not None:
        assert _time(stats['max_drawdown_recovered']) == recovered
    for key, value in sorted(wanted.items()):
        ours = float(stats[key])
        assert abs(ours - value) <= 1e-9 * (abs(value) + 1e-6), (key, ours, value)
    return len(wanted)


def daily_stocks_over_eight_years():
    """GOOG, entries and exits of the SMA cross, with a commission."""
    data = shared('conformance', 'backtesting_py', 'GOOG.csv')
    run = _run('--strategy', 'sma_cross', '--data', 'GOOG=' + data, '--commission', '10bps')
    assert _agrees(*run) > 50


def hourly_currency_with_sundays():
    """EURUSD, whose week begins on Sunday evening: what is earned then counts to the Monday."""
    data = shared('conformance', 'backtesting_py', 'EURUSD.csv')
    run = _run('--strategy', 'donchian_breakout', '--data', 'EURUSD=' + data)
    assert _agrees(*run) > 50


def a_currency_that_never_closes():
    """Bitcoin by hours, Saturdays and all: 365 returns a year."""
    data = shared('data', 'minute', 'cryptodatadownload', 'Coinbase_BTCUSD_1h.csv')
    run = _run('--strategy', 'macd_trend', '--slippage', '5bps', '--data', 'BTC=' + data)
    assert _agrees(*run) > 50


main(globals())
