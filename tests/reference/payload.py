"""What a payload of schema 1 says: docs/format/payload.md."""

import unicodedata
from typing import NamedTuple, Optional

from record import WHITE_SPACE, Fault, is_control, number

MOST_BYTES = 65_465
FIRST_TIME, LAST_TIME = -377_705_023_200_000_000, 253_402_207_199_999_999
SLUG = set("abcdefghijklmnopqrstuvwxyz0123456789")
NEVER_IN_TEXT = {*range(0x2028, 0x202F), *range(0x2066, 0x206A)}
NEVER_IN_UNIT = {*map(ord, '+-,"'), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}


class PoolOpened(NamedTuple):
    pool: str
    title: str
    unit: Optional[str]
    decimals: Optional[int]
    parent: Optional[str]


class CapacityDeclared(NamedTuple):
    pool: str
    capacity: int
    from_us: int


class HolderRegistered(NamedTuple):
    holder: str
    title: str


class Granted(NamedTuple):
    to_pool: bool
    grant: bytes
    pool: str
    recipient: str
    amount: int
    purpose: Optional[str]
    from_us: int
    until_us: Optional[int]


class Revoked(NamedTuple):
    grant: bytes
    amount: int
    from_us: int
    until_us: Optional[int]
    cause: int


class Entry(NamedTuple):
    actor: str
    instrument: Optional[tuple]
    reason: Optional[str]
    accept_shortfall: bool
    events: list


def within(holds):
    if not holds:
        raise Fault("payload-value")


class Reader:
    """Takes one value after another from a payload."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Fault("payload-malformed")
        self.at += count
        return self.data[self.at - count : self.at]

    def u8(self):
        return self.take(1)[0]

    def choice(self, *of):
        found = self.u8()
        if found >= len(of):
            raise Fault("payload-malformed")
        return of[found]

    def uint(self):
        first = self.u8()
        if first < 251:
            return first
        if first > 253:
            raise Fault("payload-malformed")
        value = number(self.take({251: 2, 252: 4, 253: 8}[first]))
        if value < {251: 251, 252: 2**16, 253: 2**32}[first]:
            raise Fault("payload-not-canonical")
        return value

    def text(self):
        try:
            return self.take(self.uint()).decode()
        except UnicodeDecodeError as error:
            raise Fault("payload-malformed") from error

    def option(self, read):
        return read() if self.choice(False, True) else None

    def identifier(self):
        text = self.text()
        within(1 <= len(text) <= 64 and text[0] in SLUG and set(text[1:]) <= SLUG | set("._/-"))
        return text

    def free(self, most):
        text = self.text()
        within(1 <= len(text.encode()) <= most and not all(ord(c) in WHITE_SPACE for c in text))
        within(not any(is_control(c) or ord(c) in NEVER_IN_TEXT for c in text))
        return text

    def title(self):
        return self.free(256)

    def unit(self):
        text = self.text()
        within(1 <= len(text.encode()) <= 16)
        within(not any(is_control(c) or ord(c) in WHITE_SPACE or ord(c) in NEVER_IN_UNIT for c in text))
        within(unicodedata.category(text[0])[0] != "N" and text[0] != ".")
        return text

    def amount(self):
        amount = self.uint()
        within(amount >= 1)
        return amount

    def time(self):
        zigzag = self.uint()
        time = zigzag >> 1 if zigzag % 2 == 0 else -(zigzag + 1 >> 1)
        within(FIRST_TIME <= time <= LAST_TIME)
        return time

    def window(self):
        from_us, until_us = self.time(), self.option(self.time)
        within(until_us is None or until_us > from_us)
        return from_us, until_us

    def grant_id(self):
        found = self.take(16)
        within(any(found))
        return found

    def event(self):
        kind = self.uint()
        if kind == 0:
            pool, title, unit, decimals = self.identifier(), self.title(), self.unit(), self.u8()
            within(decimals <= 18)
            return PoolOpened(pool, title, unit, decimals, None)
        if kind == 1:
            return PoolOpened(self.identifier(), self.title(), None, None, self.identifier())
        if kind == 2:
            return CapacityDeclared(self.identifier(), self.uint(), self.time())
        if kind == 3:
            return HolderRegistered(self.identifier(), self.title())
        if kind in (4, 5):
            named = self.grant_id(), self.identifier(), self.identifier(), self.amount()
            return Granted(kind == 5, *named, self.option(lambda: self.free(128)), *self.window())
        if kind == 6:
            revoked = Revoked(self.grant_id(), self.amount(), *self.window(), self.u8())
            within(revoked.cause <= 5)
            return revoked
        raise Fault("payload-malformed")

    def entry(self):
        actor = self.identifier()
        instrument = self.option(lambda: (self.free(512), self.option(lambda: self.take(32))))
        reason, accept_shortfall = self.option(lambda: self.free(2048)), self.choice(False, True)
        count = self.uint()
        within(count >= 1)
        events = []
        while len(events) < count:
            events.append(self.event())
        return Entry(actor, instrument, reason, accept_shortfall, events)


def decode(schema, data):
    """The entry that a payload is."""
    if schema != 1:
        raise Fault("payload-unknown-schema")
    if len(data) > MOST_BYTES:
        raise Fault("payload-too-large")
    reader = Reader(data)
    entry = reader.entry()
    if reader.at < len(data):
        raise Fault("payload-trailing")
    return entry
