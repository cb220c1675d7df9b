#!/usr/bin/env python3
"""The strategy that the plugin guide prints is the bundled one, character for character. Environment: DUET_SOURCE."""
import os
import sys

SOURCE = os.environ['DUET_SOURCE']

with open(os.path.join(SOURCE, 'strategies', 'trend.c')) as f:
    code = f.read()
with open(os.path.join(SOURCE, 'docs', 'plugins.md')) as f:
    guide = f.read()
if '```c\n' + code + '```' not in guide:
    sys.exit('docs/plugins.md does not print strategies/trend.c as it is')
