"""The rules of tidy.py as data. A place ending in "/" is a folder, any other a file."""

LINE_LENGTH_MAX = 120
FILE_LINES_WARN = 400
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70

# Which rooms a room may include, besides libc, <duet/...> and itself. Bottom to top.
ROOMS = {
    "include": (),
    "base": (),
    "bus": ("base",),
    "components": ("base", "bus"),
    "portfolio": ("base", "bus", "components"),
    "net": ("base", "bus"),
    "data": ("base", "bus", "components", "net"),
    "broker": ("base", "bus", "components", "portfolio", "net"),
    "report": ("base", "components", "portfolio"),
    "engine": ("base", "bus", "components", "portfolio", "net", "data", "broker", "report"),
    "apps": ("engine",),
    "strategies": (),
    "tests": "all",
}

# Each outside library has one door: header prefix, places, what the others do.
DOORS = (
    ("event2/", ("bus/loop_libevent.c", "net/", "tests/bus/", "tests/net/", "tests/bench/",
                 "tests/fuzz/"), "use <duet/loop.h>"),
    ("sys/eventfd.h", ("bus/loop_libevent.c",), "use duet_loop_wake()"),
    ("sys/epoll.h", ("tests/bench/",), "use the libevent loop"),
    ("openssl/", ("net/",), 'use "net/digest.h" or another codec of net'),
    ("sqlite3.h", ("components/store/", "tests/components/"), 'use "components/store/journal.h"'),
    ("dlfcn.h", ("engine/plugin.c", "tests/"), 'use "engine/plugin.h"'),
    ("yaml.h", ("engine/",), 'use "engine/config.h"'),
    ("jansson.h", ("engine/", "net/", "tests/"), 'write JSON with "report/json.h"'),
    ("zlib.h", ("data/", "tests/"), "read files through data"),
    ("zip.h", ("data/",), "read files through data"),
    ("wslay/", ("net/",), "use the WebSocket of net"),
    ("systemd/", ("engine/",), "tell the engine"),
    ("check.h", ("tests/",), "tests belong into tests/"),
    ("pthread.h", ("bus/", "components/", "tests/"), "offload work, or post to a mailbox"),
    ("sys/syscall.h", ("tests/live/clock_back.c",), 'use what libc has; clocks: "base/clock.h"'),
    ("sched.h", ("bus/", "components/", "tests/"), "offload work, or post to a mailbox"),
    ("time.h", ("base/clock.c", "data/zone.c", "bus/", "components/", "tests/"),
     'use "base/clock.h" and "base/time.h"'),
)

# Headers of C11 and POSIX that anybody may use.
LIBC = frozenset(
    "assert.h ctype.h dirent.h endian.h errno.h fcntl.h fenv.h float.h fnmatch.h glob.h inttypes.h limits.h locale.h "
    "math.h poll.h semaphore.h setjmp.h signal.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h "
    "stdnoreturn.h string.h strings.h sys/file.h sys/ioctl.h sys/mman.h sys/resource.h sys/socket.h sys/stat.h "
    "sys/time.h sys/types.h sys/uio.h sys/un.h sys/wait.h termios.h unistd.h netdb.h netinet/in.h netinet/tcp.h "
    "spawn.h arpa/inet.h malloc.h".split())

PROGRAM = ("base/", "bus/", "components/", "portfolio/", "net/", "data/", "broker/", "report/", "engine/", "apps/",
           "strategies/", "include/")
EVERYWHERE = PROGRAM + ("tests/",)
# Rooms on the way from an event to an order, where two machines must get the same bits.
DECIDING = ("bus/", "components/", "portfolio/", "broker/", "engine/", "strategies/", "include/")


def called(names):
    """A call of one of the functions, not a member or a longer name of that kind."""
    return r"(?<![\w.>])(?:" + names + r")\s*\("


# pattern, where it is banned, where it is allowed all the same, what to use instead
BANNED = (
    (called("v?sprintf"), EVERYWHERE, (), "use snprintf()"),
    (called("strn?cpy|stpn?cpy"), EVERYWHERE, (), "use duet_text_copy()"),
    (called("strn?cat"), EVERYWHERE, (), "use duet_text_append() or duet_text_print()"),
    (called("strtok(?:_r)?"), EVERYWHERE, (), "walk the text with strcspn()"),
    (called("ato(?:i|l|ll|f)"), EVERYWHERE, (), "use duet_parse_int64() or duet_parse_double()"),
    (called("gets"), EVERYWHERE, (), "use fgets() or duet_file_read()"),
    (called("s?rand|s?random|[dlm]rand48|arc4random\\w*|getrandom"), EVERYWHERE, (), "use the run's struct duet_rng"),
    (called("time|gettimeofday|ftime|timespec_get|clock"), PROGRAM, (), 'use the clock handed in, see "base/clock.h"'),
    (called("clock_gettime"), EVERYWHERE, ("base/clock.c", "tests/bench/", "tests/live/clock_back.c"),
     'use "base/clock.h"'),
    (called("localtime(?:_r)?|gmtime(?:_r)?|mktime|timegm|strftime|ctime(?:_r)?|asctime"), PROGRAM, (),
     'use "base/time.h" and "data/zone.h"'),
    (called("(?:secure_)?getenv"), PROGRAM,
     ("engine/commands.c", "engine/config_reference.c", "engine/doctor.c", "engine/live/", "data/series_open.c",
      "data/zone.c"),
     "settings come from the configuration; let engine/ hand it down"),
    (called("setlocale"), EVERYWHERE, (), "numbers are written and read without a locale"),
    (called("system|popen"), PROGRAM, (), "no shells in the engine"),
    (called("alloca"), EVERYWHERE, (), "use a fixed array with a named limit, or duet_alloc()"),
    (called("assert"), PROGRAM, (), "use DUET_ASSERT(), which stays on; static_assert() for constants"),
    (called("(?:exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|tanh|atan|atan2|cbrt|hypot)f?"), DECIDING, (),
     "differs between machines; decisions use + - * / and sqrt()"),
    (r"__builtin_s?u?mull?l?_overflow\([^;]*(?:__int128|duet_money)", EVERYWHERE, (),
     "128 bits: use duet_money_muldiv()"),
    (r"__attribute__\(\(constructor", EVERYWHERE, (), "register in a visible table"),
)

# Names that outlive a run are allowed only here: file and name.
NO_GLOBALS_IN = ("base/", "bus/", "components/", "portfolio/", "net/", "data/", "broker/", "report/", "engine/",
                 "strategies/", "include/")
# volatile sig_atomic_t is always allowed: a signal handler can reach nothing else.
GLOBALS_ALLOWED = frozenset((
    ("engine/crash.c", "previous"),  # restored when the handlers are taken away
    ("engine/crash.c", "alternate_stack"),
    ("engine/live/live_signals.c", "loop_to_wake"),  # a handler can reach nothing else
    ("engine/live/live_signals.c", "previous"),
))

# Functions that were longer than FUNCTION_LINES_MAX when the rule came, "file:name": lines. May only shrink.
LONG_FUNCTIONS = {}

LEFTOVERS = r"\b(?:TODO|FIXME|XXX|HACK)\b"
LEFTOVERS_ALLOWED = ("tests/tidy/rules.py", "tests/tidy/selftest.py", "CONTRIBUTING.md")

# pattern, places where it may stand
MACHINE_PATHS = (
    (r"(?<![\w.$}-])/(?:work|home|root)/[\w.-]+", ("tests/tidy/",)),
    (r"(?<![\w.$}-])/tmp/[\w.-]+", ("tests/", "docs/", "README.md", "CONTRIBUTING.md")),
)

# Material made by others, kept as it came.
GIVEN = ("tests/golden/", "tests/corpus/", "tests/conformance/")

CODE_SUFFIXES = (".c", ".h", ".py", ".js", ".css", ".sh")
CODE_FILES = ("dev", ".ci/run")

# C files here must be named in a meson.build.
BUILT = PROGRAM[:-1] + tuple("tests/" + folder + "/" for folder in (*ROOMS, "bench", "cli", "fuzz", "live", "plugins"))
