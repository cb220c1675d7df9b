"""A headless Chromium, driven through the pipe of its DevTools protocol: a page's console, network and pixels.

Nothing but Python's own library. No sandbox: tests run as root in containers, on pages that they have made themselves.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from cli import Skip

FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
         '--no-first-run', '--disable-extensions', '--disable-background-networking', '--disable-component-update',
         '--disable-sync', '--disable-default-apps', '--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND',
         '--remote-debugging-pipe']


def chromium():
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        path = shutil.which(name)
        if path is not None:
            return path
    raise Skip('needs Chromium (package chromium)')


class Browser:
    """One process; use as a context manager. Pages are opened one after the other."""

    def __enter__(self):
        program = chromium()
        self.home = tempfile.mkdtemp(prefix='duet-chromium-')
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()
        # The browser reads descriptor 3 and writes descriptor 4; the shell puts ours there.
        self.process = subprocess.Popen(
            ['sh', '-c', 'exec "$@" 3<&%d 4>&%d' % (to_read, back_write), 'sh', program, *FLAGS,
             '--user-data-dir=' + self.home, 'about:blank'],
            pass_fds=(to_read, back_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=dict(os.environ, HOME=self.home))
        os.close(to_read)
        os.close(back_write)
        self.count, self.rest, self.events, self.session = 0, b'', [], None
        return self

    def __exit__(self, *_):
        try:
            self.call('Browser.close', session=False)
        except (OSError, AssertionError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.home, ignore_errors=True)

    def read(self, deadline):
        while b'\0' not in self.rest:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.back], [], [], left)[0], 'Chromium does not answer'
            some = os.read(self.back, 1 << 20)
            assert some, 'Chromium is gone'
            self.rest += some
        text, self.rest = self.rest.split(b'\0', 1)
        return json.loads(text)

    def call(self, method, session=True, timeout=60, **params):
        self.count += 1
        message = {'id': self.count, 'method': method, 'params': params}
        if session and self.session:
            message['sessionId'] = self.session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.to, data):]
        deadline = time.monotonic() + timeout
        while True:
            answer = self.read(deadline)
            if answer.get('id') == self.count:
                assert 'error' not in answer, '%s: %s' % (method, answer['error'])
                return answer['result']
            self.events.append(answer)

    def open(self, path, width=1400, height=900, dark=False):
        """A page of its own; ready when its script says so. What it complained of and asked for is in `events`."""
        if self.session:
            self.call('Target.closeTarget', session=False, targetId=self.target)
            self.session = None
        self.events = []
        self.target = self.call('Target.createTarget', session=False, url='about:blank')['targetId']
        self.session = self.call('Target.attachToTarget', session=False, targetId=self.target,
                                 flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.call(domain + '.enable')
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)
        self.call('Emulation.setEmulatedMedia',
                  features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.call('Page.navigate', url='file://' + os.path.abspath(path))
        self.wait('document.documentElement?.dataset.ready === "true"')
        self.settle()

    def run(self, expression):
        """The value of a JavaScript expression; promises are waited for."""
        result = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        assert 'exceptionDetails' not in result, result['exceptionDetails']
        return result['result'].get('value')

    def wait(self, expression, seconds=30):
        deadline = time.monotonic() + seconds
        while not self.run(expression):
            assert time.monotonic() < deadline, 'never true: %s; %s' % (expression, self.complaints())
            time.sleep(0.02)

    def settle(self):
        """Two frames and the page's own delays."""
        self.run('''new Promise((done) =>
            setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 150))''')

    def complaints(self):
        """Errors and warnings of the console, exceptions, refusals of the page's policy."""
        found = []
        for event in self.events:
            params = event.get('params', {})
            if event.get('method') == 'Runtime.consoleAPICalled' and params['type'] in ('error', 'warning', 'assert'):
                found.append(str(params['args']))
            elif event.get('method') == 'Runtime.exceptionThrown':
                found.append(str(params['exceptionDetails']))
            elif event.get('method') == 'Log.entryAdded' and params['entry']['level'] in ('error', 'warning'):
                found.append(params['entry']['text'])
        return found

    def requests(self):
        """Everything that the page asked for but itself."""
        urls = [event['params']['request']['url'] for event in self.events
                if event.get('method') == 'Network.requestWillBeSent']
        return urls[1:]

    def picture(self, path=None, selector=None, whole=False):
        """PNG of the window, the whole page or one element."""
        options = {}
        if selector is not None or whole:
            box = self.run('''(() => { const r = %s.getBoundingClientRect();
                return [r.x + scrollX, r.y + scrollY, r.width, r.height] })()'''
                           % ('document.querySelector(%s)' % json.dumps(selector) if selector
                              else 'document.documentElement'))
            options = {'clip': dict(zip(('x', 'y', 'width', 'height'), box), scale=1), 'captureBeyondViewport': True}
        data = base64.b64decode(self.call('Page.captureScreenshot', format='png', **options)['data'])
        if path is not None:
            with open(path, 'wb') as file:
                file.write(data)
        return data
