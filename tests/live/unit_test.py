"""The service file: systemd takes it as it stands, and it takes away what the daemon does not need."""
import os
import shutil
import subprocess
import tempfile
import unittest

UNIT = os.environ['DUET_UNIT']


class Unit(unittest.TestCase):
    def setUp(self):
        with open(UNIT) as f:
            self.text = f.read()

    def test_says_what_a_hardened_service_says(self):
        lines = self.text.split('\n')
        for wanted in ('Type=notify', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'MemoryDenyWriteExecute=yes',
                       'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX', 'WatchdogSec=30', 'Restart=on-failure',
                       'ExecReload=/bin/kill -HUP $MAINPID', 'StateDirectory=duet/%i'):
            self.assertIn(wanted, lines)

    def test_systemd_takes_it(self):
        if shutil.which('systemd-analyze') is None:
            self.skipTest('needs systemd-analyze')
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'duetd@spring.service')
            with open(path, 'w') as f:
                f.write('\n'.join('ExecStart=/bin/true' if line.startswith('ExecStart=') else line
                                  for line in self.text.split('\n')))
            done = subprocess.run(['systemd-analyze', 'verify', path], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ''))


if __name__ == '__main__':
    unittest.main()
