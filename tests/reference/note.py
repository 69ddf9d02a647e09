"""Keys, signed notes, checkpoints and proof files: docs/format/checkpoint.md and publication.md."""

import base64
import re
from hashlib import sha256
from typing import NamedTuple

import ed25519
from record import Fault, is_name
from tree import EMPTY, LARGEST, root_of_inclusion

NOTE_LIMIT, PROOF_FILE_LIMIT, EXTRA_LIMIT = 1_000_000, 2_406_296, 1_048_576
LOG, WITNESS = 1, 4


def base64_bytes(text):
    """What the one canonical base64 form stands for."""
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Fault("base64-malformed") from error
    if base64.b64encode(found) != text.encode():
        raise Fault("base64-malformed")
    return found


def decimal(text):
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text, re.ASCII) or int(text) > LARGEST:
        raise Fault("number-malformed")
    return int(text)


def hash_of(line):
    found = base64_bytes(line)
    if len(found) != 32:
        raise Fault("hash-malformed")
    return found


class Key(NamedTuple):
    name: str
    id: bytes
    kind: int
    public: bytes

    @staticmethod
    def parse(text):
        """Reads a verifier key."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_name(parts[0]):
            raise Fault("key-malformed")
        name, wanted, data = parts[0], parts[1], base64_bytes(parts[2])
        found = sha256(name.encode() + b"\n" + data).digest()[:4]
        if len(data) != 33 or data[0] not in (LOG, WITNESS) or found.hex() != wanted:
            raise Fault("key-malformed")
        public = ed25519.point(data[1:])
        if public is None or ed25519.is_small(public):
            raise Fault("key-malformed")
        return Key(name, found, data[0], data[1:])

    def signed(self, text, signature):
        """Does a signature, the key id left out, hold over the text of a note?"""
        if self.kind == LOG:
            return ed25519.verify(self.public, text, signature)
        seconds = int.from_bytes(signature[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % seconds + text
        return 1 <= seconds <= LARGEST and ed25519.verify(self.public, message, signature[8:])


def open_note(data, keys):
    """The text of a note and the known keys that signed it."""
    try:
        note = data.decode() if len(data) <= NOTE_LIMIT else ""
    except UnicodeDecodeError as error:
        raise Fault("note-malformed") from error
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    if not blank or not signatures.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise Fault("note-malformed")
    signers, lines = [], signatures[:-1].split("\n")
    if len(lines) > 100:
        raise Fault("note-malformed")
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—" or not is_name(parts[1]):
            raise Fault("note-malformed")
        signature = base64_bytes(parts[2])
        if len(signature) < 5:
            raise Fault("note-malformed")
        for key in keys:
            if (key.name, key.id) == (parts[1], signature[:4]):
                if not key.signed(text.encode(), signature[4:]):
                    raise Fault("note-bad-signature")
                signers.append(key)
    return text, signers


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes

    @staticmethod
    def parse(text):
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not is_name(lines[0]):
            raise Fault("checkpoint-malformed")
        found = Checkpoint(lines[0], decimal(lines[1]), hash_of(lines[2]))
        if found.size == 0 and found.root != EMPTY:
            raise Fault("checkpoint-bad-root")
        return found

    @staticmethod
    def believed(data, keys, origin):
        """The checkpoint that a note is, signed by a known key of the log."""
        text, signers = open_note(data, keys)
        found = Checkpoint.parse(text)
        if found.origin != origin:
            raise Fault("checkpoint-other-origin")
        if not any(key.kind == LOG and key.name == origin for key in signers):
            raise Fault("checkpoint-not-signed")
        return found


class ProofFile(NamedTuple):
    extra: bytes
    index: int
    hashes: list
    checkpoint: bytes

    @staticmethod
    def parse(data):
        try:
            head, blank, checkpoint = data.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise Fault("proof-malformed") from error
        lines, extra = head.split("\n"), None
        if len(data) > PROOF_FILE_LIMIT or not blank or lines.pop(0) != "c2sp.org/tlog-proof@v1":
            raise Fault("proof-malformed")
        if lines and lines[0].startswith("extra "):
            extra = base64_bytes(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index ") or len(lines) > 64 or len(extra or b"") > EXTRA_LIMIT:
            raise Fault("proof-malformed")
        index = decimal(lines.pop(0).removeprefix("index "))
        return ProofFile(extra, index, [hash_of(line) for line in lines], checkpoint.encode())

    def check(self, leaf, keys, origin):
        """The checkpoint whose tree holds the leaf at the proof's index."""
        checkpoint = Checkpoint.believed(self.checkpoint, keys, origin)
        if root_of_inclusion(leaf, self.index, checkpoint.size, self.hashes) != checkpoint.root:
            raise Fault("proof-does-not-lead-to-the-root")
        return checkpoint
