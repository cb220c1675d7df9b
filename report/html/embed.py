#!/usr/bin/env python3
"""Put the page of the HTML report together and write it as C arrays: what stands before the run's data, and after it.

usage: embed.py OUT.c LIBRARY.js|- page.html page.css SCRIPT.js...

With "-" there is no chart library, and the arrays are empty: the program then has no page. The page's policy names
the style and the scripts by their hashes, so nothing else in the file can ever run.
"""
import base64
import hashlib
import re
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def policy_hash(text):
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def element(name, text):
    """The element with `text` in it, exactly; text that would end it early is a mistake of ours."""
    if re.search(r"<(/%s|!--)" % name, text, re.I):
        sys.exit("embed: text that ends or hides its own <%s>" % name)
    return "<%s>%s</%s>" % (name, text, name)


def page_of(library, html, style, scripts):
    script = '"use strict";\n(() => {\n%s\n})();\n' % "\n".join(scripts)
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src %s; script-src %s %s" % (
        policy_hash(style), policy_hash(library), policy_hash(script))
    parts = {"policy": policy, "style": element("style", style), "library": element("script", library),
             "script": element("script", script)}
    for name, text in parts.items():
        if html.count("{{%s}}" % name) != 1:
            sys.exit("embed: page.html names {{%s}} not exactly once" % name)
        html = html.replace("{{%s}}" % name, text)
    head, tail = html.split("{{data}}")
    return head, tail


def c_array(name, text):
    data = text.encode()
    rows = [",".join(map(str, data[i:i + 32])) for i in range(0, len(data), 32)]
    return "const unsigned char %s[] = {%s};\nconst size_t %s_size = %d;\n" % (
        name, ",\n".join(rows) or "0", name, len(data))


def main():
    out, library, html, style, *scripts = sys.argv[1:]
    head = tail = ""
    if library != "-":
        head, tail = page_of(read(library), read(html), read(style), [read(path) for path in scripts])
    with open(out, "w", encoding="ascii") as file:
        file.write('#include "report/html_parts.h"\n\n' + c_array("duet_html_head", head)
                   + c_array("duet_html_tail", tail))


if __name__ == "__main__":
    main()
