#!/usr/bin/env python3
"""tidy: holds the rules of the house that no compiler knows. usage: tidy.py [--root FOLDER]

The rules are the tables in rules.py. Each finding is one line, "file:line: rule: what to do instead"; the exit status
is 1 if there is any. Lines with "warning" do not count. Looks at tracked files, or at all files where there is no git.
"""
import argparse
import os
import re
import subprocess
import sys

import rules

RULES = "tests/tidy/rules.py"

findings, warnings = [], []


def fail(path, line, rule, text):
    findings.append(f"{path}:{line}: {rule}: {text}")


def tracked_files(root):
    if os.path.exists(os.path.join(root, ".git")):
        try:
            # The folder may belong to somebody else, as in a container; that is no reason not to look.
            out = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"], capture_output=True,
                                 check=True)
            names = out.stdout.decode().split("\0")
            return sorted(name for name in names if name and os.path.isfile(os.path.join(root, name)))
        except (OSError, subprocess.CalledProcessError):
            pass
    names = []
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [s for s in subfolders if not s.startswith(("build", ".", "node_modules")) or s == ".ci"]
        names += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return sorted(names)


def read_text(root, path):
    """Text of a file, or None where it is not text."""
    with open(os.path.join(root, path), "rb") as file:
        data = file.read()
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def is_under(path, places):
    return any(path == place or (place.endswith("/") and path.startswith(place)) for place in places)


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """The token with its content replaced by blanks; line ends and quotes stay."""
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[-1]
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """C text without the content of comments and literals, same lines and columns; include lines keep their names."""
    code = TOKEN.sub(blank, text)
    names = text.split("\n")
    return [names[i] if line.lstrip().startswith("#include") else line for i, line in enumerate(code.split("\n"))]


def check_includes(path, code):
    room = path.split("/")[0]
    for number, line in enumerate(code, 1):
        match = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        name = match.group(2)
        if match.group(1) == "<":
            check_angle_include(path, number, room, name)
        else:
            check_quote_include(path, number, room, name)


def check_angle_include(path, number, room, name):
    if name.startswith("duet/") or name in rules.LIBC:
        return
    for prefix, places, instead in rules.DOORS:
        if name.startswith(prefix):
            if not is_under(path, places):
                fail(path, number, "door", f"<{name}> belongs to {' '.join(places)}; {instead}")
            return
    fail(path, number, "door", f"<{name}> is no known library header; give it one door in tests/tidy/rules.py")


def check_quote_include(path, number, room, name):
    if room not in rules.ROOMS:
        return
    allowed = rules.ROOMS[room]
    target = name.split("/")[0] if "/" in name else "?"
    if allowed == "all" or target == room or target in allowed:
        return
    if target == "?":
        fail(path, number, "room", f'"{name}" names no room; write "room/{name}"')
    elif target in rules.ROOMS:
        allowed_text = " ".join(("<duet/...>", room) + tuple(allowed))
        fail(path, number, "room", f'{room} may not see "{name}"; it may include {allowed_text}')
    else:
        fail(path, number, "room", f'"{name}" is in no known room; tests/tidy/rules.py lists them')


def check_banned(path, code):
    for number, line in enumerate(code, 1):
        for pattern, places, allowed, instead in rules.BANNED:
            match = re.search(pattern, line)
            if match and is_under(path, places) and not is_under(path, allowed):
                fail(path, number, "banned", f"{match.group(0).strip(' (')}: {instead}")


def functions_of(code):
    """(name, first line, last line) of each function in clang-formatted code; lines from 1."""
    start, head = None, ""
    for number, line in enumerate(code, 1):
        if start is None:
            if re.match(r"[A-Za-z_]", line) and not line.startswith(("typedef", "#")):
                start, head = number, line
            else:
                continue
        elif not head.endswith("{"):
            head += " " + line.strip()
        if head.rstrip().endswith("{"):
            head = head.rstrip()
            if line.startswith("}"):
                name = re.match(r"START_TEST\((\w+)\)|[^(=]*?(\w+)\(", head)
                if name and not re.match(r"(struct|enum|union)\s+\w*\s*\{|[^(]*=", head):
                    yield name.group(1) or name.group(2), start, number
                start = None
        elif head.rstrip().endswith((";", "}", ")")) and re.search(r"[;}]\s*$|^[A-Z_]+\(.*\)$", head):
            start = None


def check_functions(path, code):
    seen = set()
    for name, first, last in functions_of(code):
        length = last - first + 1
        key = f"{path}:{name}"
        seen.add(key)
        limit = rules.LONG_FUNCTIONS.get(key, rules.FUNCTION_LINES_MAX)
        if length > limit:
            fail(path, first, "function-length", f"{name} has {length} lines, {limit} are allowed; split it")
        elif key in rules.LONG_FUNCTIONS and length < limit:
            now = f"lower its entry to {length}" if length > rules.FUNCTION_LINES_MAX else "remove its entry"
            fail(path, first, "function-length", f"{name} became shorter; {now} in LONG_FUNCTIONS of {RULES}")
        check_wide_products(path, code, first, last)
    for key in rules.LONG_FUNCTIONS:
        if key.startswith(path + ":") and key not in seen:
            fail(path, 1, "function-length", f"{key} is gone; remove its entry in LONG_FUNCTIONS of {RULES}")


def check_wide_products(path, code, first, last):
    """clang's own run-time library, which we do not link, would be needed for a checked product of 128 bits."""
    text = "\n".join(code[first - 1:last])
    wide = set(re.findall(r"\b(?:duet_money|__int128|magnitude)\s+\**(\w+)", text))
    for number in range(first, last + 1):
        for call in re.finditer(r"__builtin_mul_overflow\(([^;]*)", code[number - 1]):
            words = set(re.findall(r"\w+", call.group(1)))
            if words & (wide | {"duet_money", "__int128"}):
                fail(path, number, "banned", "__builtin_mul_overflow on 128 bits: use duet_money_muldiv()")


def check_globals(path, code):
    if not is_under(path, rules.NO_GLOBALS_IN):
        return
    text = "\n".join(code)
    for match in re.finditer(r"^[ \t]*static\s+(?!inline\b|_Thread_local\b|_Noreturn\b)([^;{}()]*?)[;=]", text, re.M):
        declaration = " ".join(match.group(1).split())
        if re.search(r"\bconst\b(?!.*\*)|\*\s*const\b|^volatile sig_atomic_t\b", declaration):
            continue
        number = text.count("\n", 0, match.start()) + 1
        if (path, declaration.split("[")[0].split()[-1].strip("*")) not in rules.GLOBALS_ALLOWED:
            fail(path, number, "global", f'"{declaration}" outlives a run; let the run own it, or make it const')


def check_file_length(path, text):
    lines = text.count("\n")
    if lines > rules.FILE_LINES_MAX:
        fail(path, lines, "file-length", f"{lines} lines, at most {rules.FILE_LINES_MAX}; split it by purpose")
    elif lines > rules.FILE_LINES_WARN:
        warnings.append(f"{path}:{lines}: warning: file-length: {lines} lines; more than {rules.FILE_LINES_WARN} are "
                        "rarely about one purpose")


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > rules.LINE_LENGTH_MAX:
            fail(path, number, "line-length", f"{len(line)} characters, at most {rules.LINE_LENGTH_MAX}; wrap it")
        if line.endswith((" ", "\t", "\r")):
            fail(path, number, "blank", "blank at the end of the line; remove it")
        if line.startswith("\t"):
            fail(path, number, "blank", "tab; indent with blanks")


def check_words(path, lines):
    for number, line in enumerate(lines, 1):
        match = re.search(rules.LEFTOVERS, line)
        if match and path not in rules.LEFTOVERS_ALLOWED:
            fail(path, number, "leftover", f"{match.group(0)}: finish it, or put it into an issue")
        for pattern, allowed in rules.MACHINE_PATHS:
            match = re.search(pattern, line)
            if match and not is_under(path, allowed):
                fail(path, number, "machine-path", f"{match.group(0)}: no such path elsewhere; take an argument")


def check_built(root, files):
    """Sources, tests and public headers stand in the nearest meson.build above them, or they would never be built."""
    for path in files:
        if not path.endswith((".c", ".h")) or not is_under(path, rules.BUILT if path.endswith(".c") else ("include/",)):
            continue
        folder = os.path.dirname(path)
        while folder and folder + "/meson.build" not in files:
            folder = os.path.dirname(folder)
        name = os.path.relpath(path, folder or ".")
        text = read_text(root, os.path.join(folder, "meson.build")) if folder else ""
        stem = name[:-2].removesuffix("_test").removeprefix("fuzz_")
        if not any(f"'{word}'" in text for word in (name, name[:-2], stem)):
            fail(path, 1, "not-built", f"named in no meson.build; add it to {folder or '.'}/meson.build")


def check_file(root, path):
    text = read_text(root, path)
    if text is None:
        return
    lines = text.split("\n")
    if not is_under(path, rules.GIVEN):
        check_words(path, lines)
    if path.endswith(rules.CODE_SUFFIXES) or path in rules.CODE_FILES:
        check_lines(path, lines)
        check_file_length(path, text)
    if path.endswith((".c", ".h")):
        code = code_of(text)
        check_includes(path, code)
        check_banned(path, code)
        check_functions(path, code)
        check_globals(path, code)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(here)))
    root = os.path.abspath(parser.parse_args().root)
    files = tracked_files(root)
    for path in files:
        check_file(root, path)
    check_built(root, files)
    for line in warnings:
        print(line)
    for line in findings:
        print(line)
    print(f"tidy: {len(files)} files, {len(findings)} findings, {len(warnings)} warnings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
