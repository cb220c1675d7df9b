"""What the README tells a newcomer to type works, and prints what stands there."""
import os
import re
import shutil
import subprocess
from cli import DUET, Skip, main, shared, write

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SECTION = '## From a bare machine to a strategy of your own'


def _blocks():
    """The section's code blocks in their order, as (language, text)."""
    with open(os.path.join(SOURCE, 'README.md'), encoding='utf-8') as readme:
        section = readme.read().split(SECTION, 1)[1].split('\n## ', 1)[0]
    return re.findall(r'^```(\w*)\n(.*?)^```$', section, re.M | re.S)


def _steps(text):
    """Commands without their remarks, and what each prints."""
    for part in re.split(r'^\$ ', text, flags=re.M)[1:]:
        command, _, output = part.partition('\n')
        yield re.sub(r'\s+# .*', '', command), output.strip('\n')


def _run(command, folder):
    environment = dict(os.environ, PATH=os.path.dirname(os.path.abspath(DUET)) + os.pathsep + os.environ['PATH'])
    for name in ('DUET', 'MAKEFLAGS'):
        environment.pop(name, None)
    done = subprocess.run(['sh', '-c', command], cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout.strip('\n'), done.stderr


def the_path_of_a_newcomer_prints_what_it_says():
    """Inspect, backtest, a strategy of one's own, its test and its report: every command, every line."""
    if shutil.which('make') is None or shutil.which('cc') is None:
        raise Skip('needs make and a C compiler')
    shutil.copyfile(shared('data', 'daily/kaggle_us/spy.us.txt'), 'prices.csv')
    folder, seen = '.', []
    for language, text in _blocks():
        if language == 'c':
            write('dip/dip.c', text)
            continue
        for command, expected in _steps(text):
            if command.startswith(('./dev ', 'export ')):
                continue
            moved = re.match(r'cd (\w+) && (.*)', command)
            folder, command = moved.groups() if moved else (folder, command)
            code, printed, errors = _run(command, folder)
            assert code == 0, (command, printed, errors)
            assert printed == expected, '%s\n%s' % (command, printed)
            seen.append(command.split()[0])
    assert seen == ['duet', 'duet', 'duet', 'make', 'make'] and os.path.exists('dip/report/report.html'), seen


if __name__ == '__main__':
    main(globals())
