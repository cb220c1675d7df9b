"""The real daemon as a process: started, watched by its log, told to stop."""
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from cli import DUET, PLUGINS, SHARED, Run, Skip, duet, main, rows, shared, write  # noqa: E402,F401

PATIENCE_S = 60 * float(os.environ.get('DUET_TEST_PATIENCE', '1'))


class Daemon:
    """`duet live` with the control interface off unless `api` says otherwise."""

    def __init__(self, *args, env=None, api='off', program=None):
        full = dict(os.environ, XDG_CACHE_HOME=os.path.abspath('.cache-home'), LC_ALL='C.UTF-8')
        full.update(env or {})
        command = program or [DUET, 'live']
        self.process = subprocess.Popen(command + ['--api', api] + [str(a) for a in args], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=full)
        self.err, self.out = [], b''
        self.changed = threading.Condition()
        self.readers = [threading.Thread(target=self._read_err, daemon=True),
                        threading.Thread(target=self._read_out, daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read_err(self):
        for line in self.process.stderr:
            with self.changed:
                self.err.append(line.decode('utf-8', 'replace').rstrip('\n'))
                self.changed.notify_all()
        with self.changed:
            self.err.append(None)
            self.changed.notify_all()

    def _read_out(self):
        self.out = self.process.stdout.read()

    @property
    def log(self):
        return '\n'.join(line for line in self.err if line is not None)

    def wait_for(self, text, times=1):
        """Until so many log lines hold `text`; the last of them."""
        deadline = time.monotonic() + PATIENCE_S
        with self.changed:
            while True:
                found = [line for line in self.err if line is not None and text in line]
                if len(found) >= times:
                    return found[-1]
                left = deadline - time.monotonic()
                assert left > 0 and None not in self.err, 'no line with "%s" in:\n%s' % (text, self.log)
                self.changed.wait(left)

    def tell(self, number):
        self.process.send_signal(number)
        return self

    def end(self):
        """Its exit code."""
        code = self.process.wait(PATIENCE_S)
        for reader in self.readers:
            reader.join(PATIENCE_S)
        return code

    def stop(self, code=0):
        self.tell(signal.SIGTERM)
        got = self.end()
        assert got == code, 'exit %d, not %d:\n%s' % (got, code, self.log)
        return self

    def json(self):
        return json.loads(self.out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join(PATIENCE_S)
        self.process.stderr.close()
        self.process.stdout.close()


def live(*args, **kw):
    """A session that runs to its end, as cli.duet()."""
    return duet('live', '--api', 'off', *args, **kw)


def synth(path, bars, seed, *options):
    run = duet('data', 'synth', '--bars', bars, '--seed', seed, *options, path)
    assert run.code == 0, run
    return path
