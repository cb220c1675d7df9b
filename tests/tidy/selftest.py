#!/usr/bin/env python3
"""Proves that the alarm works: plants each violation in a small tree of its own and expects tidy.py to name it.

Each plant is (rule, path, text, line of the finding). `CLEAN` must stay without findings, false alarms included.
"""
import contextlib
import io
import os
import sys
import tempfile
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules  # noqa: E402
import tidy  # noqa: E402

LONG = "int f(void) {\n" + "    g();\n" * 69 + "}\n"

CLEAN = {
    "base/thing.h": '#include <stdint.h>\n#include <duet/status.h>\n',
    "base/clock.c": '#include "base/clock.h"\n#include <time.h>\nint f(void) {\n    clock_gettime(0, 0);\n}\n',
    **{f"{room}/meson.build": "files('a.c', 'thing.c', 'clock.c', 'bus.c', 'tls.c', 'run.c', 'stats.c', 'seventy.c')\n"
       for room in rules.ROOMS if room not in ("include", "strategies", "tests")},
    "strategies/meson.build": "foreach name : ['trend', 'a']\nendforeach\n",
    "include/duet/status.h": "#include <stddef.h>\n",
    "include/meson.build": "public_headers = files(\n  'duet/status.h',\n)\n",
    "bus/bus.c": '#include "base/thing.h"\n#include "bus/bus.h"\n',
    "net/tls.c": "#include <openssl/ssl.h>\n#include <event2/event.h>\n",
    "strategies/trend.c": "#include <duet/strategy.h>\n",
    "engine/run.c":
        "// sprintf(x), /* atoi(1) */\n"
        'const char *text = "strcpy(a, b) /* not code";\n'
        "static const int table[] = {1};\nstatic const char *const names[] = {0};\nstatic int declared(int a);\n"
        "static volatile sig_atomic_t interrupted;\n"
        "static_assert(1, \"\");\n"
        "int f(void) {\n    duet_snprintf(a);\n    host->log(a);\n    my_time(1);\n"
        "    return snprintf(b, 1, \"%d\", 2);\n}\n"
        "int fits(int64_t a) {\n    return __builtin_mul_overflow(a, 10, &a);\n}\n",
    "report/stats.c": "int f(double a) {\n    return log(a) > pow(a, 2);\n}\n",
    "engine/seventy.c": LONG.replace("    g();\n", "", 1),
    "tests/base/money_test.c": '#include <check.h>\n#include "base/thing.h"\nstatic int counter;\nint f(char *p) {\n'
                               '    mkstemp("/tmp/duet-XXXXXX");\n}\n',
    "tests/base/meson.build": "foreach name : [\n  'money',\n]\n",
}

PLANTS = [
    ("room", "base/a.c", '\n#include "bus/bus.h"\n', 2),
    ("room", "data/a.c", '#include "broker/venue.h"\n', 1),
    ("room", "broker/a.c", '#include "data/series.h"\n', 1),
    ("room", "strategies/a.c", '#include "base/money.h"\n', 1),
    ("room", "apps/a.c", '#include "data/series.h"\n', 1),
    ("room", "report/a.h", '#include "engine/host.h"\n', 1),
    ("room", "include/duet/a.h", '#include "base/money.h"\n', 1),
    ("room", "base/a.c", '#include "money.h"\n', 1),
    ("room", "base/a.c", '#include "elsewhere/money.h"\n', 1),
    ("door", "engine/a.c", "#include <event2/event.h>\n", 1),
    ("door", "bus/bus.c", "#include <event2/event.h>\n", 1),
    ("door", "engine/a.c", "# include <openssl/evp.h>\n", 1),
    ("door", "engine/a.c", "#include <sqlite3.h>\n", 1),
    ("door", "bus/a.c", "#include <dlfcn.h>\n", 1),
    ("door", "portfolio/a.c", "#include <pthread.h>\n", 1),
    ("door", "data/a.c", "#include <curl/curl.h>\n", 1),
    ("banned", "base/a.c", "int f(void) {\n    sprintf(a, b);\n}\n", 2),
    ("banned", "base/a.c", "int f(void) {\n    strcpy(a, b);\n    strcat(a, b);\n}\n", 3),
    ("banned", "tests/base/money_test.c", "int f(void) {\n    strtok(a, b);\n}\n", 2),
    ("banned", "base/a.c", "int f(void) {\n    return atoi(a);\n}\n", 2),
    ("banned", "base/a.c", "int f(void) {\n    gets (a);\n}\n", 2),
    ("banned", "broker/a.c", "int f(void) {\n    return rand() + srand(1);\n}\n", 2),
    ("banned", "broker/a.c", "int f(void) {\n    return time(NULL);\n}\n", 2),
    ("banned", "broker/a.c", "int f(void) {\n    gettimeofday(&a, 0);\n}\n", 2),
    ("banned", "engine/a.c", "int f(void) {\n    clock_gettime(0, &a);\n}\n", 2),
    ("banned", "data/a.c", "int f(void) {\n    localtime_r(&a, &b);\n}\n", 2),
    ("banned", "portfolio/a.c", 'int f(void) {\n    getenv("HOME");\n}\n', 2),
    ("banned", "portfolio/a.c", "int f(double x) {\n    return exp(x);\n}\n", 2),
    ("banned", "portfolio/a.c", "int f(double x) {\n    assert(x);\n}\n", 2),
    ("banned", "portfolio/a.c", "int f(duet_money x) {\n    return __builtin_mul_overflow(x, y, &z);\n}\n", 2),
    ("banned", "portfolio/a.c", "int f(void) {\n    return __builtin_mul_overflow((__int128)x, y, &z);\n}\n", 2),
    ("banned", "portfolio/a.c", "int f(void) {\n    return __builtin_mul_overflow(x, y, &(duet_money){0});\n}\n", 2),
    ("banned", "bus/a.c", "__attribute__((constructor)) void f(void) {\n}\n", 1),
    ("global", "bus/a.c", "\nstatic int counter;\n", 2),
    ("global", "bus/a.c", "static const char *last = 0;\n", 1),
    ("global", "bus/a.c", "int f(void) {\n    static struct table table;\n}\n", 2),
    ("line-length", "base/a.c", "// " + "ä" * 118 + "\n", 1),
    ("blank", "base/a.c", "int a; \n", 1),
    ("blank", "base/a.c", "int a;\n\tint b;\n", 2),
    ("file-length", "base/a.c", "//\n" * 801, 801),
    ("function-length", "base/a.c", "\n" + LONG, 2),
    ("function-length", "base/a.c", LONG.replace("f(void) {", "f(int a,\n    int b) {"), 1),
    ("function-length", "tests/base/money_test.c", LONG.replace("int f(void)", "START_TEST(keeps)") + "END_TEST\n", 1),
    ("leftover", "base/a.c", "// TO" + "DO: later\n", 1),
    ("leftover", "notes.md", "one\n\nFIX" + "ME\n", 3),
    ("machine-path", "notes.md", "see /ho" + "me/me/file\n", 1),
    ("machine-path", "dev", "cd /wo" + "rk/main\n", 1),
    ("machine-path", "base/a.c", 'const char *a = "/t' + 'mp/x";\n', 1),
    ("not-built", "tests/base/text_test.c", "int a;\n", 1),
    ("not-built", "data/new.c", "int a;\n", 1),
    ("not-built", "include/duet/new.h", "int a;\n", 1),
]


def run_tidy(tree):
    """Lines that tidy prints for a tree of {path: text}."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        tidy.findings.clear()
        tidy.warnings.clear()
        out = io.StringIO()
        with contextlib.redirect_stdout(out), mock.patch.object(sys, "argv", ["tidy.py", "--root", root]):
            status = tidy.main()
    lines = out.getvalue().splitlines()
    assert status == (1 if len(lines) > 1 + len(tidy.warnings) else 0), "exit status follows the findings"
    return lines


def check(failures, what, holds):
    if not holds:
        failures.append(what)


def main():
    failures = []
    clean = run_tidy(CLEAN)
    check(failures, f"a clean tree is refused: {clean}", len(clean) == 1)
    for rule, path, text, line in PLANTS:
        lines = run_tidy({**CLEAN, path: text})
        start = f"{path}:{line}: {rule}: "
        check(failures, f"{start.strip()} not caught; got {lines}", any(found.startswith(start) for found in lines))

    # The ratchet: an exception holds at its length, and must follow when the function shrinks or goes.
    for text, entry, wanted in ((LONG, 71, None), (LONG, 72, "lower its entry to 71"),
                                ("int f(void) {\n}\n", 71, "remove its entry"), ("int g(void) {\n}\n", 71, "is gone"),
                                (LONG.replace("}", "    g();\n}"), 71, "has 72 lines, 71 are allowed")):
        with mock.patch.object(rules, "LONG_FUNCTIONS", {"base/a.c:f": entry}):
            lines = run_tidy({**CLEAN, "base/a.c": text})
        check(failures, f"ratchet: wanted {wanted}, got {lines}",
              len(lines) == 1 if wanted is None else any(wanted in line for line in lines))
    lines = run_tidy({**CLEAN, "base/a.c": "//\n" * 401})
    check(failures, f"a warning is no finding: {lines}", any(": warning: file-length" in line for line in lines))

    for failure in failures:
        print(failure)
    print(f"selftest: {len(PLANTS)} plants, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
