"""Reports for the tests to look at: bars that make them, and the page that comes out, in a browser and as data."""
import atexit
import json
import os

from browser import Browser
from cli import Skip, duet

_opened = []


def chromium():
    """One for all tests of a file."""
    if not _opened:
        made = Browser().__enter__()
        atexit.register(made.__exit__)
        _opened.append(made)
    return _opened[0]


def bars(path, *args):
    run = duet('data', 'synth', *args, path)
    assert run.code == 0, run
    return path


def report(folder, *args):
    """Run with a report; the path of its page."""
    run = duet('backtest', '--report', folder, *args)
    assert run.code == 0, run
    page = os.path.join(folder, 'report.html')
    if not os.path.exists(page):
        raise Skip('needs a program with the chart library (npm ci --prefix report/html)')
    assert page in run.out, run
    return page


def run_of(page):
    """The data in a page."""
    with open(page, encoding='utf-8') as file:
        text = file.read()
    return json.loads(text.split('<script type="application/json" id="duet-run">')[1].split('</script>')[0])
