"""The short sister of ./dev soak: what grows with every event grows within 200,000 of them, too."""
import os

from daemon import main
from soak import flat, session, verify

EVENTS = 200000


def a_session_that_trades_does_not_grow():
    """Memory by the half at most, which is what freed blocks of a sanitizer do; descriptors not by one."""
    env = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') + ':quarantine_size_mb=1'}
    samples = session(EVENTS, 0.05, env=env)
    why = flat(samples, share=0.5)
    assert why is None, why
    verify()


if __name__ == '__main__':
    main(globals())
