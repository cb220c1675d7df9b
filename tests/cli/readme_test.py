"""What the README tells a newcomer to type works: its first strategy builds with a plain compiler and trades."""
import os
import shutil
import subprocess
from cli import Skip, backtest, duet, main, write

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def the_first_strategy_builds_and_trades():
    """The C block of README.md, as it stands there."""
    compiler = shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
    if compiler is None:
        raise Skip('needs a C compiler')
    with open(os.path.join(SOURCE, 'README.md'), encoding='utf-8') as f:
        code = f.read().split('```c\n', 1)[1].split('```', 1)[0]
    write('up.c', code)
    subprocess.run([compiler, '-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
                    '-Wno-missing-field-initializers', '-ffp-contract=off', '-I' + os.path.join(SOURCE, 'include'),
                    '-o', 'libup.so', 'up.c'], check=True)
    assert duet('data', 'synth', '--bars', 500, 'x.csv').code == 0
    result = backtest('--strategy', './libup.so', '--data', 'X=x.csv').json()
    assert result['strategy'] == 'up' and result['fills'] > 10, result['fills']


if __name__ == '__main__':
    main(globals())
