#!/usr/bin/env python3
"""A plugin author's way: install, compile one file against what was installed, run it with the installed programs.

Environment: DUET_BUILD (build folder), DUET_PREFIX, DUET_LIBDIR (as configured), DUET_SOURCE (for the strategy's text).
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

BUILD, PREFIX, LIBDIR = (os.environ[name] for name in ('DUET_BUILD', 'DUET_PREFIX', 'DUET_LIBDIR'))
STRATEGY = os.path.join(os.environ['DUET_SOURCE'], 'strategies', 'trend.c')
WARNINGS = ['-std=c11', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-missing-field-initializers', '-Werror']


def run(command, expected=0, **kw):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    if done.returncode != expected:
        sys.exit('%s\nexit %d, expected %d\n%s%s' % (
            ' '.join(command), done.returncode, expected, done.stdout, done.stderr))
    return done


def write_bars(path):
    """Daily bars of a rise, a fall and a rise, with a little saw in it: in, out, in."""
    price, day = 1000, 0
    with open(path, 'w') as f:
        f.write('Date,Open,High,Low,Close,Volume\n')
        for step in [3] * 200 + [-3] * 150 + [4] * 150:
            close = price + step + (7 if day % 3 == 0 else -3)
            low, high = min(price, close) - 2, max(price, close) + 2
            date = '%d-%02d-%02d' % (2001 + day // 336, day % 336 // 28 + 1, day % 28 + 1)
            f.write('%s,%.2f,%.2f,%.2f,%.2f,1000\n' % (date, price / 10, high / 10, low / 10, close / 10))
            price, day = close, day + 1


def main():
    if shutil.which('pkg-config') is None:
        print('skipped: no pkg-config')
        return 77
    folder = tempfile.mkdtemp(prefix='duet-outside-')
    try:
        stage = os.path.join(folder, 'stage')
        run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', stage])
        root = stage + PREFIX
        library = os.path.join(root, LIBDIR)
        env = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library, 'pkgconfig'), PKG_CONFIG_SYSROOT_DIR=stage,
                   LD_LIBRARY_PATH=library, XDG_CACHE_HOME=os.path.join(folder, 'cache'))
        flags = run(['pkg-config', '--cflags', 'duet'], env=env).stdout.split()
        assert '-ffp-contract=off' in flags, flags
        shutil.copy(STRATEGY, os.path.join(folder, 'mine.c'))
        write_bars(os.path.join(folder, 'bars.csv'))

        compilers = [name for name in ('gcc', 'clang') if shutil.which(name)] or ['cc']
        seen = {}
        for compiler in compilers:
            plugin = './lib%s.so' % compiler
            run([compiler, '-shared', '-fPIC', '-O2'] + WARNINGS + flags + ['-o', plugin, 'mine.c'],
                cwd=folder, env=env)
            for program in ('duet', 'duet-static'):
                path = os.path.join(root, 'bin', program)
                for strategy in (plugin, 'trend'):
                    out = run([path, 'backtest', '--json', '--strategy', strategy, '--data', 'X=bars.csv',
                               '--commission', '0.1%', '--param', 'slow_bars=30'], cwd=folder, env=env).stdout
                    result = json.loads(out)
                    assert result['strategy'] == 'trend' and result['fills'] == 3, out
                    seen[compiler, program, strategy] = (
                        result['event_hash'], result['decision_hash'], result['final_equity'])
        if len(set(seen.values())) != 1:
            sys.exit('one strategy, several results:\n' + '\n'.join('%s: %s' % pair for pair in seen.items()))

        refused = run([os.path.join(root, 'bin', 'duet'), 'backtest', '--strategy', plugin, '--data', 'X=bars.csv',
                       '--param', 'fast_bars=60'], expected=2, cwd=folder, env=env)
        assert 'fast_bars must be below slow_bars' in refused.stderr, refused.stderr
        print('%d runs, one result: %s' % (len(seen), next(iter(seen.values()))))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
