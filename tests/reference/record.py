"""Identity, records and the chain: docs/format/identity.md and record.md."""

import json
from typing import NamedTuple, Optional
from uuid import UUID

from blake3 import blake3

import ed25519

AUTHOR, BARRIER = 1, 2
LAST_SEQUENCE = 2**64 - 1
WHITE_SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}


class Fault(Exception):
    """What must be refused; the first argument is its code."""

    @property
    def code(self):
        return self.args[0]


def derive(context, data):
    return blake3(data, derive_key_context=context).digest()


def number(data):
    return int.from_bytes(data, "little")


def is_control(character):
    return ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0


def is_name(text):
    """May it be an origin or the name of a key?"""
    return text != "" and not any(ord(c) in WHITE_SPACE or is_control(c) or c == "+" for c in text)


class Identity(NamedTuple):
    ledger: bytes
    created_at_us: int
    time_zone: str
    origin: str
    title: str

    @property
    def genesis(self):
        texts = [text.encode() for text in (self.time_zone, self.origin, self.title)]
        fixed = (1).to_bytes(2, "little") + self.ledger + self.created_at_us.to_bytes(8, "little", signed=True)
        return derive("sanad 2026-11-24 genesis v1", fixed + b"".join(len(t).to_bytes(2, "little") + t for t in texts))

    def text(self):
        """The only text of `ledger.json` that names it."""
        members = {"format": 1, **self._asdict(), "ledger": str(UUID(bytes=self.ledger)), "genesis": self.genesis.hex()}
        return json.dumps(members, indent=2, ensure_ascii=False) + "\n"

    @staticmethod
    def of_file(data):
        """Reads `ledger.json`."""

        def members(pairs):
            if len(dict(pairs)) != len(pairs):
                raise Fault("identity-malformed", "a member stands twice")
            return dict(pairs)

        try:
            found = json.loads(data.decode(), object_pairs_hook=members) if len(data) <= 65_536 else None
            genesis = found.pop("genesis")
            if type(found["format"]) is not int or found.pop("format") != 1:
                raise Fault("identity-unsupported-format", "made by another version")
            ledger = UUID(found["ledger"])
            identity = Identity(**{**found, "ledger": ledger.bytes})
            zone_letters = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_-+")
            sound = (
                type(identity.created_at_us) is int
                and 1 <= len(identity.time_zone) <= 64
                and set(identity.time_zone) <= zone_letters
                and len(identity.origin.encode()) <= 255
                and is_name(identity.origin)
                and len(identity.title.encode()) <= 256
                and not any(is_control(c) for c in identity.title)
                and genesis == identity.genesis.hex()
                and data == identity.text().encode()
            )
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise Fault("identity-malformed", str(error)) from error
        if not sound:
            raise Fault("identity-malformed", "a member is out of bounds, or the genesis hash is another")
        return identity


class Record(NamedTuple):
    bytes: bytes
    flags: int
    schema: int
    sequence: int
    recorded_at_us: int
    entry_id: bytes
    payload: bytes
    author: Optional[bytes]

    @property
    def hash(self):
        return self.bytes[-32:]

    @staticmethod
    def split(data, at=0):
        """The record that begins at a place of some bytes."""
        if len(data) - at < 2:
            raise Fault("record-too-short")
        length = number(data[at : at + 2])
        if length < 70:
            raise Fault("record-length-too-small")
        if len(data) - at < length:
            raise Fault("record-too-short")
        data = data[at : at + length]
        if data[2] != 1:
            raise Fault("record-unsupported-version")
        if data[3] & ~(AUTHOR | BARRIER):
            raise Fault("record-unknown-flags")
        end = length - (128 if data[3] & AUTHOR else 32)
        if end < 38:
            raise Fault("record-length-too-small")
        recorded_at_us = int.from_bytes(data[14:22], "little", signed=True)
        author = data[end:-32] if data[3] & AUTHOR else None
        header = data[3], number(data[4:6]), number(data[6:14]), recorded_at_us, data[22:38]
        return Record(data, *header, data[38:end], author)

    @staticmethod
    def exactly(data):
        """The record that some bytes are."""
        if len(data) >= 2 and 70 <= number(data[:2]) < len(data):
            raise Fault("record-length-mismatch")
        return Record.split(data)

    def check_author(self, ledger):
        if self.author is None:
            return
        key, signature = self.author[:32], self.author[32:]
        if ed25519.point(key) is None:
            raise Fault("author-bad-key")
        message = b"sanad author v1\n" + ledger + self.entry_id + self.schema.to_bytes(2, "little") + self.payload
        if not ed25519.verify(key, message, signature):
            raise Fault("author-bad-signature")


class Chain:
    """What may come next. Behind a bad record there are two readings of it, and either counts."""

    def __init__(self, ledger, before, size=0, recorded_at_us=None):
        self.ledger = ledger
        self.sequences, self.hashes = [size], [before]  # As stored first; as expected last.
        self.recorded_at_us = -(2**63) if recorded_at_us is None else recorded_at_us

    @property
    def place(self):
        """The sequence that is expected here."""
        return self.sequences[-1]

    @property
    def head(self):
        return self.hashes[0] if self.hashes else None

    def _fault(self, record, computed):
        try:
            if record.sequence not in self.sequences or record.sequence == LAST_SEQUENCE:
                return "chain-sequence-break"
            if self.hashes and record.hash not in computed:
                return "chain-hash-mismatch"
            if record.recorded_at_us < self.recorded_at_us:
                return "chain-time-backwards"
            record.check_author(self.ledger)
        except Fault as found:
            return found.code
        return None

    def follow(self, record):
        """Takes a record on; gives the code of its fault, or None."""
        body = record.bytes[:-32]
        computed = [derive("sanad 2026-11-24 chain hash v1", before + body) for before in self.hashes]
        fault = self._fault(record, computed)
        if fault is None:
            self.sequences, self.hashes = [record.sequence + 1], [record.hash]
        else:
            self.sequences = [record.sequence + 1, self.place + 1]
            self.hashes = [record.hash, *computed[:1], *computed[-1:]]
        if fault is None or record.hash in computed:
            self.recorded_at_us = record.recorded_at_us
        return fault

    def misread(self, data):
        """Takes on what is as long as it says and yet no record."""
        computed = [derive("sanad 2026-11-24 chain hash v1", before + data[:-32]) for before in self.hashes]
        self.sequences, self.hashes = [self.place + 1], [data[-32:], *computed[:1], *computed[-1:]]

    def resume(self, sequence, before=None):
        """Goes on further behind, where a record has this sequence and, if that is known, follows this hash."""
        self.sequences, self.hashes = [sequence], [] if before is None else [before]
