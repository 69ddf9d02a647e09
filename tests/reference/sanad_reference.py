#!/usr/bin/env python3
"""An independent verifier of a ledger, written from docs/format/ alone.

    sanad_reference.py FOLDER [--key VKEY]... [--checkpoint FILE]... [--proof FILE]... [--at SIZE]

FOLDER is a ledger's folder, or a published one; the latter needs the log's key. Prints one verdict as JSON. Ends with 0
if nothing was found, 1 if something was, 2 if nothing could be verified.

    ed25519.py      signatures            payload.py    what a record says
    record.py       identity, the chain   rules.py      whether it was lawful; the state digest
    tree.py         the Merkle tree       segments.py   a ledger's folder
    note.py         checkpoints, proofs   published.py  tiles and bundles
"""

import argparse
import base64
import json
import sys
from pathlib import Path

import note
import payload
import published
import segments
from record import Chain, Fault, Identity, Record, number
from rules import State
from tree import Tree, leaf_hash

EARLIEST, LATEST = payload.FIRST_TIME, payload.LAST_TIME


class Verification:
    """Goes through a history once, and notes what it finds."""

    def __init__(self, identity, keys=(), at=()):
        self.identity, self.keys = identity, keys
        self.verdict = {"integrity": [], "coverage": [], "lawfulness": []}
        self.chain = Chain(identity.ledger, identity.genesis)
        self.tree, self.roots = Tree(), {}  # The tree is None where its leaves are not known; the roots by size.
        self.state, self.entries, self.whole = State(), 0, True  # Without `whole`, nothing can be said of the state.
        self.at, self.digests = set(at), {}
        self.watched = set()  # The sizes at which the root is wanted.
        self._pass()

    def found(self, kind, code, sequence):
        self.verdict[kind].append({"code": code, "sequence": sequence})

    def _pass(self):
        if self.entries in self.at and self.whole:
            self.digests[self.entries] = self.state.digest(self.entries)
        if self.tree and self.tree.size in self.watched:
            self.roots[self.tree.size] = self.tree.root()

    def watch(self, path):
        """Reads a checkpoint, whose tree is to be compared when its size is reached; None where it cannot be read."""
        data = published.read_file(Path(path), note.NOTE_LIMIT)
        if data is None:
            self.found("coverage", "checkpoint_missing", None)
            return None
        checkpoint = None
        try:
            checkpoint = note.Checkpoint.parse(note.open_note(data, [])[0])
            note.Checkpoint.believed(data, self.keys, self.identity.origin)
            self.watched.add(checkpoint.size)
            self._pass()
        except Fault as fault:
            told = {
                "checkpoint-other-origin": ("coverage", "checkpoint_of_other_ledger"),
                "checkpoint-not-signed": ("integrity", "checkpoint_not_signed"),
                "note-bad-signature": ("integrity", "checkpoint_signature"),
            }
            self.found(*told.get(fault.code, ("integrity", "checkpoint_unreadable")), None)
        return checkpoint

    def compare(self, checkpoints):
        """Holds checkpoints against the tree that the records made."""
        agreed = 0  # Up to here, a checkpoint says, it is the same history.
        for checkpoint in sorted(filter(None, checkpoints), key=lambda checkpoint: checkpoint.size):
            if checkpoint.size not in self.watched or self.tree is None:
                continue
            if checkpoint.size > self.tree.size:
                self.found("coverage", "checkpoint_ahead", self.tree.size)
            elif checkpoint.root != self.roots[checkpoint.size]:
                self.found("coverage", "checkpoint_of_other_history", agreed)
            else:
                agreed = checkpoint.size

    def take(self, data):
        """The next record, as it is stored."""
        self.entries += 1
        if self.tree:
            self.tree.push(leaf_hash(data))
        place = self.chain.place
        try:
            record = Record.exactly(data)
        except Fault as fault:
            self.found("integrity", fault.code, place)
            if 70 <= len(data) == number(data[:2]):
                self.chain.misread(data)
            else:
                self.chain.resume(place + 1)
            self.whole = False
        else:
            fault = self.chain.follow(record)
            if fault == "chain-sequence-break":
                self.found("coverage", fault, place)
            elif fault:
                self.found("integrity", fault, record.sequence)
            self._judge(record)
        self._pass()

    def _judge(self, record):
        try:
            if not any(record.entry_id) or not payload.FIRST_TIME <= record.recorded_at_us <= payload.LAST_TIME:
                raise Fault("payload-value")
            entry = payload.decode(record.schema, record.payload)
            codes, told = self.state.admit(record.entry_id, entry)
        except Fault:
            codes, told = ["no_entry"], False
        for code in codes:
            self.found("lawfulness", code, record.sequence)
        self.whole = self.whole and told and record.sequence == self.entries - 1

    def resume(self, sequence, before=None):
        """Goes on where records are missing before this one."""
        self.whole = False
        self.chain.resume(sequence, before)

    def folder(self, folder):
        """Verifies a ledger's folder."""
        segments.Audit(self.identity, self.found, self.take, self.resume).read(segments.read(folder))

    def published(self, folder):
        """Verifies what was published of a ledger."""
        latest, tiles = self.watch(folder / "checkpoint"), folder / "tile"

        def lost(until):
            if self.tree:
                leaves = published.leaf_hashes(tiles, self.tree.size, until)
                self.tree = self.tree if leaves else None
                for leaf in leaves or ():
                    self.tree.push(leaf)
            self.entries = until
            self.resume(until)
            self._pass()

        size = latest.size if latest else published.size_here(tiles / "entries")
        published.read_entries(tiles / "entries", size, self.found, self.take, lost)
        if self.tree:
            self.tree = self._signed_tree(latest, tiles)
            published.check_tiles(tiles, self.tree, self.found)
        else:
            published.missing_tiles(tiles, size, self.found)

    def _signed_tree(self, latest, tiles):
        """The tree that the checkpoint speaks of: of the records, or else of the leaves that the tiles have."""
        if latest is None or latest.root == self.tree.root():
            return self.tree
        leaves = published.leaf_hashes(tiles, 0, latest.size)
        signed = Tree.of(leaves or [])
        if signed.root() != latest.root:
            self.found("integrity", "root_differs", latest.size - 1)
            return self.tree
        for sequence, leaf in enumerate(self.tree.levels[0]):
            if leaf != leaves[sequence]:
                self.found("integrity", "bundle_differs", sequence)
        return signed

    def proof(self, path):
        """Verifies a proof file of one of the records, which must have been read."""
        data = published.read_file(Path(path), note.PROOF_FILE_LIMIT)
        try:
            proof = note.ProofFile.parse(data if data is not None else b"")
            leaves = self.tree.levels[0] if self.tree else []
            if proof.extra is None and proof.index >= len(leaves):
                raise Fault("proof-beyond-the-end")
            leaf = leaves[proof.index] if proof.extra is None else leaf_hash(proof.extra)
            proof.check(leaf, self.keys, self.identity.origin)
        except Fault as fault:
            self.found("integrity", fault.code, None)

    def result(self):
        at = min(self.at, default=self.entries)
        if at == self.entries and self.whole:
            self.digests[at] = self.state.digest(at)
        return {
            **self.verdict,
            "entries": self.entries,
            "head": self.chain.head.hex() if self.chain.head else None,
            "root": base64.b64encode(self.tree.root()).decode() if self.tree else None,
            "state": self.digests[at].hex() if at in self.digests else None,
        }


def verify(folder, keys=(), at=None, checkpoints=(), proofs=()):
    """The verdict on a folder, a ledger's own or a published one, with the state after `at` entries."""
    try:
        identity = Identity.of_file((folder / "ledger.json").read_bytes())
    except Fault as fault:
        findings = {"integrity": [{"code": fault.code, "sequence": None}], "coverage": [], "lawfulness": []}
        return {**findings, "entries": 0, "head": None, "root": None, "state": None}
    run = Verification(identity, [note.Key.parse(key) for key in keys], [] if at is None else [at])
    kept = [run.watch(path) for path in checkpoints]
    if (folder / "log").is_dir():
        run.folder(folder)
    else:
        run.published(folder)
    run.compare(kept)
    for path in proofs:
        run.proof(path)
    return run.result()


def main():
    arguments = argparse.ArgumentParser(description="Verifies a ledger's folder, or a published one.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--key", action="append", default=[], help="a verifier key of the log")
    arguments.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that was kept elsewhere")
    arguments.add_argument("--proof", action="append", default=[], help="a proof file of one of the records")
    arguments.add_argument("--at", type=int, help="tell the state after so many entries")
    given = arguments.parse_args()
    try:
        verdict = verify(given.folder, given.key, given.at, given.checkpoint, given.proof)
    except (OSError, ValueError, Fault) as error:
        print(f"nothing could be verified: {error}", file=sys.stderr)
        return 2
    print(json.dumps(verdict))
    return 1 if verdict["integrity"] or verdict["coverage"] or verdict["lawfulness"] else 0


if __name__ == "__main__":
    sys.exit(main())
