#!/usr/bin/env python3
"""The shared library shows what headers mark DUET_EXPORT, all of it and nothing else. usage: symbols.py LIBRARY ROOT"""
import pathlib
import re
import subprocess
import sys


def declared(root):
    names = {}
    for header in (*sorted(root.glob("*/*.h")), *sorted(root.glob("engine/*/*.h")),
                   *sorted(root.glob("include/duet/*.h"))):
        text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", header.read_text(encoding="utf-8"), flags=re.S)
        for match in re.finditer(r"\bDUET_EXPORT\b([^;{]*?)(\w+)\s*(\(|;|\[)", text):
            if not match.group(1).endswith("define"):
                names[match.group(2)] = header.relative_to(root)
    return names


def main():
    library, root = sys.argv[1], pathlib.Path(sys.argv[2])
    output = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    shown = {line.split()[-1].split("@")[0] for line in output.splitlines()}
    wanted = {name: header for name, header in declared(root).items()
              if name.startswith("duet_") and name != "duet_strategy_plugin"}
    failures = [f"{wanted[name]}: {name} is declared but not in the library" for name in sorted(wanted.keys() - shown)]
    # Each bundled strategy has its table under a name of its own; sanitizers put their names beside ours.
    failures += [f"{name} is shown, but no header marks it DUET_EXPORT" for name in sorted(shown - wanted.keys())
                 if not name.startswith(("__asan", "__odr_asan", "__ubsan", "__tsan", "__sancov", "__start", "__stop",
                                         "duet_strategy_"))]
    print("\n".join(failures + [f"{len(shown)} names shown, {len(failures)} failures"]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
