"""A feed that dies: what runs by the clock goes on once the grace of the missing bar is over."""
import os
import sys
import time
from decimal import Decimal

from daemon import Daemon, main, write

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'gateway'))
from market import SECOND, Bar, Series  # noqa: E402
from peer import Peer  # noqa: E402

LIVE = """
strategy: buy_and_hold
data:
  - X=gateway,interval=1s,decimals=2
live:
  session: s.db
  feed: gateway
  broker: paper
  gateway: "%s"
  arm: true
  stale_ms: 600000
  heartbeat_ms: 60000
  snapshot_s: 0
  monitor_s: 1
  max_age_s: 2
"""


def exits_by_age_need_no_bars():
    """Bars of a second stop; nothing else comes, no staleness, no heartbeat; and yet the exit is sent."""
    start = int(time.time()) - 2
    prices = tuple(Decimal(price) for price in ('100', '101', '99', '100'))
    bars = [Bar((start + i) * SECOND, prices, Decimal(1)) for i in range(60)]
    other = Peer('127.0.0.1:0', 'peer.db', [Series('X', SECOND, bars)], pace=1.0, steps=5, heartbeat=600.0).start()
    write('live.yaml', LIVE % other.address)
    try:
        with Daemon('-c', 'live.yaml') as daemon:
            daemon.wait_for('code=fill')
            daemon.wait_for('monitor-exit symbol=X reason=time-exit')
            daemon.stop()
    finally:
        other.stop()


if __name__ == '__main__':
    main(globals())
