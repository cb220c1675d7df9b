#!/usr/bin/env python3
"""A session of very many events must not grow: its memory and its descriptors are watched while it trades.

  soak.py [EVENTS] [FOLDER]    ten million, in a folder that is made and removed; ./dev soak runs it

A session plays made-up files as fast as it goes, with a strategy whose stops and orders come and go all the time, and
is stopped once its bus has worked off so many events (inputs and outputs). Flat means: in the second half it never has
more than in the second quarter; but for a small share of its memory, and not one descriptor. Only anonymous memory
counts: mapped files are the kernel's to take back. At the end the journal is replayed and compared.
"""
import http.client
import json
import os
import re
import shutil
import sys
import tempfile
import time

os.environ['DUET'] = os.path.abspath(os.environ.get('DUET', 'build/release/apps/duet'))
from daemon import PATIENCE_S, Daemon, duet, synth  # noqa: E402

SYMBOLS = ('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H')
EVENTS_PER_BAR = 1.5  # fewer than there are, so that the files last
SHARE = 0.03


class Sample:
    def __init__(self, events, kib, descriptors):
        self.events, self.kib, self.descriptors = events, kib, descriptors


def anonymous_kib(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        return int(re.search(r'^RssAnon:\s+(\d+) kB', file.read(), re.M)[1])


def descriptors(pid):
    return len(os.listdir('/proc/%d/fd' % pid))


class Watch:
    """Looks at a daemon over one connection that stays: one that came and went would be counted."""

    def __init__(self, daemon, journal):
        port = int(re.search(r'port=(\d+)', daemon.wait_for('control-listening'))[1])
        with open(journal + '.token', encoding='ascii') as file:
            self.headers = {'Authorization': 'Bearer ' + file.read().strip()}
        self.http = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE_S)
        self.pid = daemon.process.pid

    def get(self, path):
        self.http.request('GET', path, headers=self.headers)
        answer = self.http.getresponse()
        text = answer.read()
        assert answer.status == 200, (path, answer.status, text)
        return json.loads(text)

    def sample(self):
        session = self.get('/api/v1/session')
        return Sample(session['inputs'] + session['outputs'], anonymous_kib(self.pid), descriptors(self.pid))


def flat(samples, share=SHARE):
    """What is not flat, in words; None where all is."""
    last = samples[-1].events
    second = [one for one in samples if last // 4 <= one.events < last // 2]
    half = [one for one in samples if one.events >= last // 2]
    assert second and half, 'too few samples: %s' % [one.events for one in samples]
    before, after = max(one.kib for one in second), max(one.kib for one in half)
    if after > before * (1 + share):
        return 'memory grew from %d KiB to %d KiB' % (before, after)
    before, after = max(one.descriptors for one in second), max(one.descriptors for one in half)
    if after > before:
        return 'descriptors grew from %d to %d' % (before, after)
    return None


def session(events, pause_s, tell=None, **more):
    """Samples of a session of so many events, in the current folder; its journal is s.db."""
    bars = int(events / EVENTS_PER_BAR) // len(SYMBOLS)
    data = []
    for i, symbol in enumerate(SYMBOLS):
        synth(symbol + '.csv', bars, i + 1, '--volatility', '0.002')
        data += ['--data', '%s=%s.csv' % (symbol, symbol)]
    samples = []
    with Daemon('--strategy', 'trend', '--param', 'fast_bars=2', '--param', 'slow_bars=4', '--param',
                'stop_fraction=0.002', '--param', 'weight=0.1', '--cash', 1000000000, '--arm', '--speed', 0,
                '--session', 's.db', '--snapshot-s', 2, '--monitor-s', 1, '--log', 'info', '--quiet',
                *data, api='127.0.0.1:0', **more) as daemon:
        watch = Watch(daemon, 's.db')
        while not samples or samples[-1].events < events:
            time.sleep(pause_s)
            samples.append(watch.sample())
            if tell:
                tell(samples[-1])
        daemon.stop()
    return samples


def verify():
    run = duet('replay', 's.db', '--verify', timeout=3600)
    assert run.code == 0 and 'identical' in run.out, run
    return run.out.strip().split('\n')[-1]


def main():
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 10000000
    folder = tempfile.mkdtemp(prefix='duet-soak-', dir=sys.argv[2] if len(sys.argv) > 2 else None)
    os.chdir(folder)
    began = time.monotonic()
    try:
        print('%10s %8s %12s %12s' % ('events', 'seconds', 'memory KiB', 'descriptors'), flush=True)
        shown = [0.0]

        def tell(sample):
            now = time.monotonic() - began
            if now >= shown[0]:
                print('%10d %8.0f %12d %12d' % (sample.events, now, sample.kib, sample.descriptors), flush=True)
                shown[0] = now + 10
        samples = session(events, 1.0, tell)
        tell(samples[-1])
        why = flat(samples)
        print('%d events in %.0f s, %d samples: %s' % (samples[-1].events, time.monotonic() - began, len(samples),
                                                      why or 'flat'), flush=True)
        print(verify())
        return 1 if why else 0
    finally:
        os.chdir('/')
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
