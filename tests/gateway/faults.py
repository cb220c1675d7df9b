"""What goes wrong at the gateway peer, and when: rules of the form EVENT[#N][*]:ACTION[=ARGUMENT].

EVENT is a message that comes (hello, query, submit, cancel, history, subscribe, start, ack, heartbeat) or one that is
about to leave (order, fill, bar, opening, trade, quote, welcome, snapshot_end). #N: the Nth of them only, from 1 on;
a star: every one from there on; else the first. Each rule acts once, unless it has a star.

 comes                                           leaves
   drop_before   thrown away, connection closed    drop_before   connection closed before it
   drop_after    acted upon, closed unanswered     drop_after    connection closed after it
   drop          answered, then closed             duplicate=N   N times more
   ignore        thrown away, nothing said
   exit          the process ends at once          reorder       after the next report
   silence[=S]   nothing is sent for S seconds     changed       told twice, the second time with another quantity
   delay=S       the same                          unknown_type  a message of a type to come goes before it
   half_open     neither read nor written again    garbage       a line that is no JSON goes before it
   refuse=WHY    hello: refused                    bad           replaced by one that cannot be understood
   reject[=WHY]  submit: rejected                  lose          left out
   pending       submit: only pending for now
   partial=N     submit: fills in N parts
   overfill=Q    submit: fills Q more than ordered
   lose_order    submit: forgotten; query: before it is answered
   late_fill     cancel: answered, and filled after that
   position=Q    query: every position told is Q too high
"""
import re


class Faults:
    def __init__(self, rules=()):
        self.rules, self.counts = [], {}
        for rule in rules:
            self.add(rule)

    def add(self, rule):
        """Counts from now on."""
        match = re.fullmatch(r'(\w+)(?:#(\d+))?(\*?):(\w+)(?:=(.*))?', rule)
        if match is None:
            raise ValueError('fault "%s" is not EVENT[#N][*]:ACTION[=ARGUMENT]' % rule)
        event, number, every, action, argument = match.groups()
        at = self.counts.get(event, 0) + int(number or 1)
        self.rules.append([event, at, bool(every), action, argument])

    def hit(self, event):
        """The actions that one more `event` brings about: {action: argument}."""
        count = self.counts[event] = self.counts.get(event, 0) + 1
        hits = {action: argument for name, at, every, action, argument in self.rules
                if name == event and (count >= at if every else count == at)}
        return hits
