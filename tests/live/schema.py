"""Schemas as Python values, checked exactly: every key is there, none more.

A type, a function that says whether a value is right, a dict (exactly these keys), a list of one schema (each element),
a tuple (one of them), or map_of(schema) for objects with any keys.
"""
import re


def check(value, schema, path='answer'):
    why = _wrong(value, schema, path)
    assert why is None, why


def _wrong(value, schema, path):
    if isinstance(schema, tuple):
        reasons = [_wrong(value, one, path) for one in schema]
        return None if None in reasons else reasons[0]
    if isinstance(schema, dict):
        if not isinstance(value, dict):
            return '%s: %r is no object' % (path, value)
        if set(value) != set(schema):
            return '%s: missing %s, unknown %s' % (path, sorted(set(schema) - set(value)),
                                                   sorted(set(value) - set(schema)))
        return next(filter(None, (_wrong(value[key], schema[key], path + '.' + key) for key in schema)), None)
    if isinstance(schema, list):
        if not isinstance(value, list):
            return '%s: %r is no array' % (path, value)
        return next(filter(None, (_wrong(one, schema[0], '%s[%d]' % (path, i)) for i, one in enumerate(value))), None)
    if schema is None:
        return None if value is None else '%s: %r is not null' % (path, value)
    if isinstance(schema, type):
        good = type(value) is schema or (schema is float and type(value) is int)
        return None if good else '%s: %r is no %s' % (path, value, schema.__name__)
    return None if schema(value) else '%s: %r is not %s' % (path, value, schema.__name__)


def map_of(schema):
    def objects(value):
        return isinstance(value, dict) and all(_wrong(one, schema, '') is None for one in value.values())
    return objects


def one_of(*words):
    def a_word(value):
        return value in words
    a_word.__name__ = 'one of %s' % ', '.join(map(str, words))
    return a_word


def matching(name, pattern):
    def text(value):
        return isinstance(value, str) and re.fullmatch(pattern, value) is not None
    text.__name__ = name
    return text


TIME = matching('a time', r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')
DECIMAL = matching('a decimal', r'-?\d+(\.\d+)?')
HASH = matching('16 digits', r'[0-9a-f]{16}')
TRUE = one_of(True)


def count(value):
    return type(value) is int and value >= 0


def positive(value):
    return type(value) is int and value > 0
