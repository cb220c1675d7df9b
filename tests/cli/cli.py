"""Runs the real program the way a user does: a fresh folder, a fresh cache, exit code, output and what is left on disk.

Environment: DUET (the program), DUET_SHARED (folder with reference data; tests that need it are skipped without).
A test file calls main(globals()): every function named after a promise runs in a folder of its own.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

DUET = os.environ.get('DUET', 'build/dev/apps/duet')
SHARED = os.environ.get('DUET_SHARED', '')
PLUGINS = os.environ.get('DUET_PLUGINS', '')


class Skip(Exception):
    """The test's input is not here; said aloud, never silent."""


def shared(*parts):
    path = os.path.join(SHARED, *parts)
    if not SHARED or not os.path.exists(path):
        raise Skip('needs %s' % os.path.join('shared', *parts))
    return path


class Run:
    def __init__(self, args, cwd='.', env=None, timeout=300):
        full = dict(os.environ, XDG_CACHE_HOME=os.path.abspath(os.path.join(cwd, '.cache-home')), LC_ALL='C.UTF-8')
        full.update(env or {})
        done = subprocess.run([DUET] + [str(a) for a in args], cwd=cwd, env=full, capture_output=True, timeout=timeout)
        self.args, self.code = args, done.returncode
        self.out = done.stdout.decode('utf-8', 'replace')
        self.err = done.stderr.decode('utf-8', 'replace')

    def json(self):
        assert self.code == 0, 'exit %d: %s' % (self.code, self.err)
        return json.loads(self.out)

    def __repr__(self):
        told = ' '.join(map(str, self.args))
        return 'duet %s\nexit %d\nout: %s\nerr: %s' % (told, self.code, self.out[-2000:], self.err)


def duet(*args, **kw):
    return Run(args, **kw)


def backtest(*args, **kw):
    return duet('backtest', '--json', *args, **kw)


def write(path, text):
    with open(path, 'wb') as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def rows(path):
    """A CSV written by the program, as a list of dicts. Fields here never hold commas."""
    with open(path) as f:
        lines = f.read().split('\n')
    names = lines[0].split(',')
    return [dict(zip(names, line.split(','))) for line in lines[1:] if line]


def generate(count, path, seed=None):
    """Bars from the reference generator."""
    subprocess.run([sys.executable, shared('tools', 'gen_ohlcv.py'), str(count), path] + ([str(seed)] if seed else []),
                   check=True)
    return path


def _forgotten(names):
    """Functions that nobody calls and that have no docstring are tests which would never run."""
    with open(sys.argv[0], encoding='utf-8') as file:
        source = file.read()
    return [name for name, item in names.items()
            if callable(item) and getattr(item, '__module__', None) == '__main__' and not name.startswith('_')
            and not item.__doc__ and source.count(name) == 1]


def main(names):
    assert not _forgotten(names), 'a test needs a sentence as its docstring: %s' % _forgotten(names)
    failed = skipped = ran = 0
    home = os.getcwd()
    for name, test in list(names.items()):
        if not callable(test) or getattr(test, '__module__', None) != '__main__' or name.startswith('_') \
                or not test.__doc__ or isinstance(test, type):
            continue
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        folder = tempfile.mkdtemp(prefix='duet-')
        os.chdir(folder)
        try:
            test()
            ran += 1
            print('ok       %s' % name)
        except Skip as why:
            skipped += 1
            print('skipped  %s: %s' % (name, why))
        except Exception as error:  # noqa: a failing promise must not hide the others
            failed += 1
            print('FAILED   %s: %s: %s' % (name, type(error).__name__, error))
            import traceback
            traceback.print_exc()
        finally:
            os.chdir(home)
            shutil.rmtree(folder, ignore_errors=True)
    print('%d passed, %d failed, %d skipped' % (ran, failed, skipped))
    sys.exit(1 if failed else 77 if ran == 0 else 0)
