"""Bad input loses nothing and says so in one line: what, where, what to do. The exit code says which kind."""
import os
import signal
import subprocess
from cli import DUET, PLUGINS, Run, Skip, backtest, duet, main, write

HEAD = 'time,open,high,low,close,volume\n'
GOOD = HEAD + ''.join('2024-01-01 00:%02d:00,100.00,101.00,99.00,100.50,10\n' % i for i in range(30))
SMA = ['--strategy', 'sma_cross', '--param', 'fast=2', '--param', 'slow=5']


def _refused(run, code, *words):
    assert run.code == code, run
    assert run.out == '', run
    lines = [line for line in run.err.split('\n') if line]
    assert len(lines) == 1 and lines[0].startswith('duet: '), run
    for word in words:
        assert word in lines[0], (word, run)


def _nothing_written():
    left = [name for name in os.listdir('.') if 'out' in name]
    assert left == [], left


def _data(text, code, *words, option='X=bad.csv'):
    write('bad.csv', text)
    _refused(duet('backtest', *SMA, '--data', option, '--fills', 'out.csv', '--equity', 'out2.csv'), code, *words)
    _nothing_written()


def bad_data_exits_3_with_file_and_line():
    """Everything a file can do wrong."""
    _data('', 3, 'bad.csv', 'empty')
    _data(HEAD, 3, 'bad.csv')
    _data(GOOD + '2024-01-01 00:30:00,1,2,0.5\n', 3, 'bad.csv:32')
    _data(GOOD + '2024-01-01 00:30:00,1,2,0.5,nan,1\n', 3, 'bad.csv:32', 'close', 'nan')
    _data(GOOD + '2024-01-01 00:30:00,1,2,0.5,inf,1\n', 3, 'bad.csv:32', 'close')
    _data(GOOD + '2024-01-01 00:30:00,1,2,0.5,12x5,1\n', 3, 'bad.csv:32', 'close', '12x5')
    _data(GOOD + 'yesterday,1,2,0.5,1,1\n', 3, 'bad.csv:32', 'yesterday')
    _data(GOOD + '2024-13-41 00:30:00,1,2,0.5,1,1\n', 3, 'bad.csv:32')
    _data(os.urandom(5000), 3, 'bad.csv')
    _data(b'\x00' * 5000, 3, 'bad.csv')
    _data(GOOD + 'x' * 10_000_000, 3, 'bad.csv')
    _data(GOOD + '2024-01-01 00:30:00,1,2,0.5,1,9007199254740994\n', 3, 'bad.csv:32', 'volume')
    _data('hello world\nthis is no table\n', 3, 'bad.csv')


def a_truncated_file_is_refused_at_its_last_line():
    """A copy that stopped in mid-row."""
    _data(GOOD[:-12], 3, 'bad.csv:31')


def missing_unreadable_and_empty_places_exit_3():
    """Files that are not there, not readable, or folders without data."""
    _refused(duet('backtest', *SMA, '--data', 'X=nowhere.csv'), 3, 'nowhere.csv')
    os.mkdir('empty')
    _refused(duet('backtest', *SMA, '--data', 'X=empty'), 3, 'empty')
    write('secret.csv', GOOD)
    os.chmod('secret.csv', 0)
    if os.geteuid() != 0:
        _refused(duet('backtest', *SMA, '--data', 'X=secret.csv'), 3, 'secret.csv')
    _refused(duet('backtest', *SMA, '--data', 'X=/proc/self/mem'), 3, '/proc/self/mem')


def usage_errors_exit_2():
    """Unknown and wrong options, parameters, strategies, with the nearest name."""
    write('good.csv', GOOD)
    data = ['--data', 'X=good.csv']
    _refused(duet('backtest', *SMA, *data, '--comission', '1bps'), 2, '--comission', 'did you mean --commission')
    _refused(duet('backtest', *SMA, *data, '--cash'), 2, '--cash')
    _refused(duet('backtest', *SMA, *data, '--cash', 'lots'), 2, 'cash', 'lots')
    _refused(duet('backtest', *SMA, *data, '--commission', '0.05'), 2, 'write 5% if you mean it')
    _refused(duet('backtest', *SMA, *data, 'stray'), 2, 'stray')
    _refused(duet('backtest', *SMA), 2, 'no data')
    _refused(duet('backtest', *data), 2, 'no strategy')
    _refused(duet('backtest', '--strategy', 'sma_crss', *data), 2, 'sma_crss', 'sma_cross')
    _refused(duet('backtest', *SMA, '--param', 'fst=2', *data), 2, 'fst', 'fast')
    _refused(duet('backtest', *SMA, '--param', 'fast=0', *data), 2, 'fast')
    _refused(duet('backtest', *SMA, '--param', 'fast=x', *data), 2, 'fast', 'x')
    _refused(duet('backtest', *SMA, '--param', 'fast=9', *data), 2, 'fast')
    _refused(duet('backtest', *SMA, '--data', 'X=good.csv,tz=Mars/Olympus'), 2, 'Mars/Olympus')
    _refused(duet('backtest', *SMA, '--data', 'X=good.csv,stmp=open'), 2, 'stmp', 'stamp')
    _refused(duet('backtest', *SMA, *data, *data), 2, 'X')
    _refused(duet('backtest', *SMA, *data, '--fill-profile', 'duet-9'), 2, 'duet-9')
    _refused(duet('backtest', *SMA, *data, '--from', '2024-02-30'), 2, '2024-02-30')
    _refused(duet('backtest', *SMA, *data, '--from', '2025-01-01'), 3, 'from')
    _refused(duet('backtst'), 2, 'backtst', 'duet backtest')
    _refused(duet('backtest', '-c', 'nowhere.yaml'), 2, 'nowhere.yaml')
    write('bad.yaml', 'strategy: sma_cross\nstrtegy: x\n')
    _refused(duet('backtest', '-c', 'bad.yaml'), 2, 'bad.yaml:2', 'strtegy', 'strategy')


def data_without_a_symbol_exits_2():
    """--data FILE, the slip that everybody makes once."""
    write('good.csv', GOOD)
    _refused(duet('backtest', *SMA, '--data', 'good.csv'), 2, 'symbol', 'SYMBOL=good.csv')


def outputs_that_would_mix_exit_2():
    """Two files of one name, and rows into the JSON object."""
    write('good.csv', GOOD)
    one = ['backtest', *SMA, '--data', 'X=good.csv']
    _refused(duet(*one, '--fills', 'out.csv', '--orders', 'out.csv'), 2, '--fills', '--orders', 'out.csv')
    _refused(duet(*one, '--json', '--equity', '-'), 2, '--equity', '--json')
    _nothing_written()


def an_instrument_in_another_currency_than_the_account_exits_2():
    """There is no rate between them."""
    write('good.csv', GOOD)
    _refused(duet('backtest', *SMA, '--data', 'X=good.csv,currency=EUR', '--currency', 'USD'), 2, 'EUR', 'USD')


def assumed_and_stated_zones_do_not_mix():
    """One file says +00:00, the other nothing: exit 2 until tz= is given."""
    write('plain.csv', GOOD)
    write('zoned.csv', GOOD.replace(':00,100', ':00+00:00,100'))
    both = ['--data', 'X=plain.csv', '--data', 'Y=zoned.csv']
    _refused(duet('backtest', *SMA, *both), 2, 'plain.csv', 'zoned.csv', 'tz=')
    assert backtest(*SMA, '--data', 'X=plain.csv,tz=UTC', '--data', 'Y=zoned.csv').code == 0


def on_error_skip_goes_on_and_counts():
    """Named by the user, a bad row is skipped and counted."""
    write('bad.csv', GOOD + '2024-01-01 00:30:00,1,2,0.5,abc,1\n')
    result = backtest(*SMA, '--data', 'X=bad.csv,on_error=skip').json()
    assert result['data'][0]['skipped'] == 1 and result['bars'] == 30
    assert any(w['code'] == 'skipped_error' and w['count'] == 1 for w in result['warnings'])


def inspect_goes_on_past_a_refused_file():
    """One entry per path, the refused one with line, column and reason; exit 3 at the end."""
    write('good.csv', GOOD)
    write('bad.csv', GOOD + '2024-01-01 00:30:00,1,2,0.5,abc,1\n')
    import json
    run = duet('data', 'inspect', '--json', 'good.csv', 'bad.csv', 'nowhere.csv')
    assert run.code == 3, run
    files = json.loads(run.out)['files']
    assert [f['path'] for f in files] == ['good.csv', 'bad.csv', 'nowhere.csv']
    assert files[0].get('error') is None and files[0]['rows'] == 30
    assert files[1]['error']['line'] == 32 and files[1]['error']['column'] == 'close', files[1]
    assert files[2]['error']['reason']


def _plugin(name):
    path = os.path.join(PLUGINS, name + '.so')
    if not os.path.exists(path):
        raise Skip('needs the test plugins')
    return path


def plugins_that_cannot_be_used_exit_2():
    """Wrong interface version, missing symbol, no plugin at all, init that fails."""
    write('good.csv', GOOD)
    data = ['--data', 'X=good.csv', '--fills', 'out.csv']
    _refused(duet('backtest', '--strategy', _plugin('wrong_abi'), *data), 2, 'wrong_abi')
    _refused(duet('backtest', '--strategy', _plugin('no_symbol'), *data), 2, 'duet_strategy_plugin')
    _refused(duet('backtest', '--strategy', _plugin('init_fails'), *data), 2)
    _refused(duet('backtest', '--strategy', './nowhere.so', *data), 2, 'nowhere.so')
    write('text.so', 'no shared object')
    _refused(duet('backtest', '--strategy', './text.so', *data), 2, 'text.so')
    _nothing_written()


def a_crashing_plugin_is_named_and_leaves_no_file():
    """One line with plugin and callback; the process dies of the signal; nothing was renamed into place."""
    write('good.csv', GOOD)
    run = Run(['backtest', '--strategy', _plugin('crashes'), '--data', 'X=good.csv', '--fills', 'out.csv',
               '--report', 'out'])
    lines = [line for line in run.err.split('\n') if 'crash' in line]
    assert run.code == -signal.SIGSEGV or 'AddressSanitizer' in run.err, run
    assert len(lines) >= 1 and 'crashes' in lines[0] and 'on_bar' in lines[0], run
    assert not os.path.exists('out.csv')
    assert not os.path.exists('out') or [n for n in os.listdir('out') if '.tmp-' not in n] == []


def outputs_that_cannot_be_written_fail_before_the_run():
    """A missing folder for --fills is said at once; a full disk at the end leaves nothing."""
    write('good.csv', GOOD)
    run = duet('backtest', *SMA, '--data', 'X=good.csv', '--fills', 'no/such/folder/out.csv')
    assert run.code == 1 and 'no/such/folder' in run.err, run
    if os.path.exists('/dev/full'):
        done = subprocess.run([DUET, 'backtest', '--json', *SMA, '--data', 'X=good.csv'], stdout=open('/dev/full', 'w'),
                              stderr=subprocess.PIPE)
        assert done.returncode == 1 and b'written' in done.stderr, done


if __name__ == '__main__':
    main(globals())
