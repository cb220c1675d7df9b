"""Every indicator gives the same bits with gcc and with clang, optimised or not."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ['DUET_SOURCE']
WAYS = (('gcc', '-O0'), ('gcc', '-O3'), ('clang', '-O0'), ('clang', '-O3'))


def _hashes(compiler, level, folder):
    program = os.path.join(folder, compiler + level)
    rows = os.path.join(SOURCE, 'engine', 'indicators')
    files = [path for path in sorted(glob.glob(os.path.join(rows, '*.c')))
             if os.path.basename(path) not in ('command.c', 'show.c')]
    subprocess.run([compiler, '-std=c11', '-D_POSIX_C_SOURCE=200809L', level, '-ffp-contract=off', '-I' + SOURCE,
                    '-I' + os.path.join(SOURCE, 'include'), '-I' + os.path.join(SOURCE, 'tests'), '-o', program,
                    os.path.join(SOURCE, 'tests', 'engine', 'indicator_bits.c'), *files, '-lm'], check=True)
    done = subprocess.run([program], capture_output=True, check=True, text=True)
    return dict(line.split() for line in done.stdout.splitlines())


def main():
    ways = [way for way in WAYS if shutil.which(way[0])]
    if len(ways) < 2:
        print('skipped: no compiler')
        return 77
    with tempfile.TemporaryDirectory() as folder:
        results = [_hashes(*way, folder) for way in ways]
    for way, result in zip(ways[1:], results[1:]):
        for name, value in results[0].items():
            assert result[name] == value, '%s: %s and %s differ' % (name, ' '.join(ways[0]), ' '.join(way))
    print('%d rows, the same bits %d ways' % (len(results[0]), len(ways)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
