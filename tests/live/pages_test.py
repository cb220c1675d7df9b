"""The pages for people name every key of the section `live:`, and the example is a configuration that is understood."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from cli import duet, main, write

SOURCE = os.environ['DUET_SOURCE']


def _page(*parts):
    with open(os.path.join(SOURCE, *parts), encoding='utf-8') as f:
        return f.read()


def _example(text):
    write('run.yaml', text)
    write('sample.csv', 'time,open,high,low,close,volume\n2024-01-02,1,1,1,1,1\n')
    run = duet('backtest', '-c', 'run.yaml', '--print-config')
    assert run.code == 0, run
    return run.out


def every_key_has_a_row():
    """What --print-config prints, with the default that it prints."""
    text = 'strategy: trend\ndata: [X=sample.csv]\nlive: {session: duet-session.db}\n'
    printed = _example(text).split('\nlive:\n')[1]
    rows = dict(re.findall(r'^\| `(\w+)` \| `?([^`|]*?)`? \|', _page('docs', 'live.md'), re.M))
    page = _page('docs', 'live.md')
    for key, value in re.findall(r'^  (\w+): (.*)$', printed, re.M):
        assert '`%s`' % key in page, 'docs/live.md does not name %s' % key
        assert key not in rows or rows[key] == value, (key, rows[key], value)


def the_example_is_understood():
    """packaging/live.yaml."""
    assert 'every: 3m' in _example(_page('packaging', 'live.yaml'))


def the_example_of_the_folder_is_understood():
    """docs/examples/live.yaml: jobs of 180, 300 and 60 seconds."""
    printed = _example(_page('docs', 'examples', 'live.yaml').replace('spy.csv', 'sample.csv'))
    assert [every for every in ('3m', '5m', '1m') if 'every: ' + every not in printed] == [], printed


def the_example_of_the_page_is_understood():
    """The first YAML of docs/live.md."""
    text = re.search(r'```yaml\n(.*?)```', _page('docs', 'live.md'), re.S).group(1)
    assert 'max_daily_loss: 2000' in _example(text)


if __name__ == '__main__':
    main(globals())
