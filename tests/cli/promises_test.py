"""Promises of the design, each played by one story of the plugin promises.c; worked out by hand.

All bars are minutes of 2024-01-02 from 10:00 on; 1704189600 is 10:00:00.
"""
import os
from cli import PLUGINS, Skip, duet, main, rows, write

TEN = 1704189600
ACCEPTED, FILLED, CANCELLED, EXPIRED = 4, 7, 8, 9


def _bars(path, *prices):
    """One bar per text "open/high/low/close"; None is a gap."""
    lines = ['time,open,high,low,close,volume']
    for i, text in enumerate(prices):
        if text is not None:
            lines.append('2024-01-02 10:%02d:00,%s,1' % (i, text.replace('/', ',')))
    return write(path, '\n'.join(lines) + '\n')


def _play(story, *options):
    plugin = os.path.join(PLUGINS, 'promises.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    run = duet('backtest', '--strategy', plugin, '--param', 'story=%d' % story, '--commission', '0', '--json', '--log',
               'info', '--fills', 'fills.csv', '--orders', 'orders.csv', *options)
    assert run.code == 0 and 'refused' not in run.err, run
    trace = [line.split('trace ', 1)[1] for line in run.err.split('\n') if 'trace ' in line]
    return [(int(line.split()[0]) - TEN, line.split(' ', 1)[1]) for line in trace], run.json()


FLAT = ['100/101/99/100'] * 4


def an_order_that_ends_inside_a_bar_is_told_then():
    """GTD, 10:01:30. The strategy hears of it at that time, and what it sends in answer is of that time."""
    _bars('a.csv', *FLAT)
    trace, _ = _play(1, '--data', 'A=a.csv')
    assert trace[:3] == [(60, 'order 1 status %d reason 0' % ACCEPTED), (90, 'order 1 status %d reason 24' % EXPIRED),
                         (90, 'order 2 status %d reason 0' % ACCEPTED)], trace
    orders = {row['reason']: row for row in rows('orders.csv')}
    assert orders['inside']['updated'] == '2024-01-02 10:01:30', orders
    assert orders['instead']['created'] == '2024-01-02 10:01:30', orders
    assert [row['time'] for row in rows('fills.csv')] == ['2024-01-02 10:02:00']


def an_expiry_that_is_answered_with_a_cancel_leaves_the_book_whole():
    """Two of three orders end together; in answer to the first the strategy cancels the one between them."""
    _bars('a.csv', *FLAT)
    trace, result = _play(2, '--data', 'A=a.csv')
    assert trace[3:] == [(90, 'order 1 status %d reason 24' % EXPIRED), (90, 'order 3 status %d reason 24' % EXPIRED),
                         (90, 'order 2 status %d reason 21' % CANCELLED)], trace
    assert (result['expired'], result['cancelled']) == (2, 1)


def a_hedged_pair_is_not_ruined_between_two_prices_of_one_instant():
    """Long 200 A, short 200 B; both fall from 100 to 70 at once: equity stays 5000, whichever is marked first."""
    falls = ['100/100/100/100', '100/100/70/70', '70/70/70/70', '70/70/70/70']
    _bars('a.csv', *falls)
    _bars('b.csv', *falls)
    for names in ('AB', 'BA'):
        _, result = _play(3, '--data', names[0] + '=a.csv', '--data', names[1] + '=b.csv', '--cash', '5000',
                          '--leverage', '20')
        assert result['status'] == 'OK', result['status']
        assert result['final_cash'] == result['final_equity'] == '5000', result
        assert result['denied'] == {} and result['fills'] == 4


def an_entry_at_the_limit_of_one_order_still_gets_its_stop():
    """Short 10 at 100 where one order may be worth 1000: its stop buys at 105, worth 1050, and gets out."""
    _bars('a.csv', '100/100/100/100', '100/101/99/100', '100/106/99/106', '106/106/106/106')
    _, result = _play(4, '--data', 'A=a.csv', '--max-notional', '1000')
    assert [(r['side'], r['price'], r['reason']) for r in rows('fills.csv')] == [
        ('SELL', '100', 'short'), ('BUY', '105', 'protect')]
    assert result['denied'] == {}, result['denied']


def a_position_of_several_orders_can_be_closed_by_one():
    """20 held where one order may be of 10: closing is no new risk."""
    _bars('a.csv', *FLAT)
    _, result = _play(5, '--data', 'A=a.csv', '--max-order-quantity', '10')
    assert result['denied'] == {} and result['open_positions'] == [], result
    assert [r['quantity'] for r in rows('fills.csv')] == ['10', '10', '-20']


def a_way_out_that_meets_its_stop_at_one_opening_opens_nothing():
    """Bought at 101, its stop at 99.99; the sale is sent on the close at 100.5, and the next bar opens at 99."""
    _bars('a.csv', '100/100/100/100', '100/100/100/100', '100/101/100/101', '101/102/101/102', '102/102/100.2/100.5',
          '99/99/99/99', '99/99/99/99', '99/99/99/99')
    run = duet('backtest', '--strategy', 'trend', '--param', 'fast_bars=1', '--param', 'slow_bars=2', '--param',
               'stop_fraction=0.01', '--param', 'weight=0.5', '--commission', '0', '--json', '--fills', 'fills.csv',
               '--data', 'A=a.csv')
    assert run.code == 0, run
    fills = [(row['time'], row['side'], row['price'], row['reason']) for row in rows('fills.csv')]
    assert fills == [('2024-01-02 10:03:00', 'BUY', '101.0', 'sma'), ('2024-01-02 10:05:00', 'SELL', '99.0', 'protect')]
    assert run.json()['open_positions'] == [] and run.json()['cancelled'] == 1, run


def a_run_told_to_stop_stops_at_once_and_leaves_no_files():
    """SIGINT in the fifth of twelve bars: exit 130, no sixth bar, nothing written."""
    plugin = os.path.join(PLUGINS, 'promises.so')
    if not os.path.exists(plugin):
        raise Skip('needs the test plugins')
    _bars('a.csv', *(3 * FLAT))
    for loop in ('sync', 'libevent'):
        run = duet('backtest', '--strategy', plugin, '--param', 'story=6', '--data', 'A=a.csv', '--fills', 'fills.csv',
                   '--equity', 'equity.csv', '--report', 'report', '--loop', loop, '--log', 'info')
        assert run.code == 130 and run.out == '' and 'interrupted' in run.err and run.err.count('bar') == 5, run
        assert not os.path.exists('fills.csv') and not os.path.exists('equity.csv'), os.listdir('.')
        assert os.listdir('report') == [], os.listdir('report')


def from_and_to_are_days_of_the_zone_of_the_run():
    """Days of Tokyo begin at 15:00 UTC of the day before; a time that states its zone keeps it."""
    days = ['date,open,high,low,close,volume'] + ['2024-03-%02d,1,1,1,1,1' % day for day in (8, 11, 12, 13, 14)]
    write('a.csv', '\n'.join(days) + '\n')
    for zone, start, end in (('Asia/Tokyo', '2024-03-10T15:00:00Z', '2024-03-12T15:00:00Z'),
                             ('America/New_York', '2024-03-11T04:00:00Z', '2024-03-13T04:00:00Z')):
        run = duet('backtest', '--json', '--strategy', 'buy_and_hold', '--data', 'A=a.csv', '--from', '2024-03-11',
                   '--to', '2024-03-12', '--tz', zone).json()
        assert (run['start'], run['end'], run['bars']) == (start, end, 2), (zone, run['start'], run['end'])
    run = duet('backtest', '--json', '--strategy', 'buy_and_hold', '--data', 'A=a.csv', '--tz', 'Asia/Tokyo', '--from',
               '2024-03-10T15:00:00Z', '--to', '2024-03-13 00:00').json()
    assert (run['start'], run['bars']) == ('2024-03-10T15:00:00Z', 2), run['start']


def an_order_that_is_going_cannot_be_replaced():
    """Replaced twice in one callback, or cancelled and then replaced: no order comes back twice."""
    _bars('a.csv', '100/100/100/100', '100/100/100/100', '100/100/90/100', '100/100/100/100')
    _, result = _play(7, '--data', 'A=a.csv')
    assert [(r['quantity'], r['price']) for r in rows('fills.csv')] == [('5', '95')]
    assert result['denied'] == {'TOO_LATE': 2} and result['cancelled'] == 2, result['denied']


def a_target_is_an_order_again_once_its_order_is_called_back():
    """Target, cancel all, the same target, in one callback: held is what was said last; repeating it is no order."""
    _bars('a.csv', *FLAT)
    _, result = _play(8, '--data', 'A=a.csv')
    assert [(r['quantity'], r['reason']) for r in rows('fills.csv')] == [('5', 'meant')]
    assert result['orders'] == 2 and result['denied'] == {}, result


def what_is_closed_at_the_end_is_an_order_like_any_other():
    """Long 10 in the first of four bars, --at-end close: one order, accepted and filled, no report refused."""
    _bars('a.csv', *FLAT)
    _, result = _play(9, '--data', 'A=a.csv', '--at-end', 'close')
    assert [(r['time'][11:], r['quantity'], r['reason']) for r in rows('fills.csv')] == [
        ('10:01:00', '10', 'long'), ('10:04:00', '-10', 'at_end')]
    assert [(r['reason'], r['status'], r['filled']) for r in rows('orders.csv')] == [
        ('long', 'FILLED', '10'), ('at_end', 'FILLED', '10')], rows('orders.csv')
    assert result['open_positions'] == [] and result['stats']['trades_at_end'] == 1


if __name__ == '__main__':
    main(globals())
