"""A ledger folder's segments: docs/format/segment.md."""

import re

from record import BARRIER, Fault, Record, derive, number

HEADER = 104
NAME = re.compile(r"([0-9]{20})\.seg", re.ASCII)


def read(folder):
    """The segments of a ledger folder in order: the sequence in the name, and the bytes, or None where they cannot be read."""
    found = {match: path for path in (folder / "log").iterdir() if (match := NAME.fullmatch(path.name))}
    if any(path.is_symlink() for path in [folder / "log", *found.values()]):
        raise OSError("a segment is a symbolic link")
    return [(int(match[1]), _bytes(path)) for match, path in sorted(found.items(), key=lambda item: item[1].name)]


def _bytes(path):
    try:
        return path.read_bytes()
    except OSError:
        return None


def header_fault(first, data, ledger):
    if len(data) < HEADER:
        return "segment-too-short"
    if data[:8] != b"SANADSEG":
        return "segment-bad-magic"
    if number(data[8:10]) != 1:
        return "segment-unsupported-version"
    digest = derive("sanad 2026-11-24 segment header v1", data[:40] + data[72:HEADER])
    if number(data[10:12]) != 0 or number(data[12:16]) != HEADER or data[40:72] != digest:
        return "segment-header-altered"
    if data[16:32] != ledger:
        return "segment-foreign"
    if number(data[32:40]) != first:
        return "segment-misnamed"
    return None


def seam_fault(end, first, before):
    """What is wrong between the end of one segment, sequence and hash, and the beginning of the next."""
    if (first, before) == end:
        return None
    if first == end[0]:
        return "segment-other-history"
    return "segment-gap" if first > end[0] else "segment-overlap"


def record_at(data, at):
    try:
        return Record.split(data, at)
    except Fault:
        return None


def linked_at(data, at, least=0):
    """The record at a place, if it follows from the 32 bytes before it and has at least this sequence."""
    if at < HEADER or data[at + 2 : at + 3] != b"\x01":
        return None
    record = record_at(data, at)
    if record is None or record.sequence < least:
        return None
    follows = record.hash == derive("sanad 2026-11-24 chain hash v1", data[at - 32 : at] + record.bytes[:-32])
    return record if follows else None


def number_signed(data):
    return int.from_bytes(data, "little", signed=True)


def walk(data, created_at_us):
    """Up to where a segment's records are sound; the sequence and hash that follow there; the last one's time."""
    at, sequence, head, time = HEADER, number(data[32:40]), data[72:HEADER], created_at_us
    while at < len(data):
        record = linked_at(data, at, sequence)
        if record is None or record.sequence != sequence:
            break
        at, sequence, head, time = at + len(record.bytes), sequence + 1, record.hash, record.recorded_at_us
    return at, sequence, head, time


def acknowledged_behind(data, at, sequence, time):
    """Was something written behind a place when all before that was durable? No later append was recorded before `time`."""

    def barrier(at):
        known = data[at + 2 : at + 3] == b"\x01" and data[at + 3] in (BARRIER, BARRIER | 1) if at + 38 <= len(data) else False
        return number(data[at + 6 : at + 14]) if known else -1

    def later_barrier(at):
        if not sequence <= barrier(at) <= most or number(data[at : at + 2]) < 70 or not any(data[at + 22 : at + 38]):
            return False
        return time <= number_signed(data[at + 14 : at + 22]) <= time + 2**52

    most = sequence + (len(data) - at) // 70
    return barrier(at) > sequence or any(later_barrier(later) for later in range(at + 1, len(data) - 37))


def opened(segments, ledger, genesis, created_at_us):
    """What a writer finds, and how many records the log then holds (None where it is refused)."""
    if not segments:
        return "no-segments", None
    cut = len(segments) > 1 and len(segments[-1][1]) < HEADER  # Of the last one not even the header is there.
    end, last = (0, genesis), None
    for first, data in segments[:-1] if cut else segments:
        fault = header_fault(first, data, ledger)
        if fault is None and (last is None or data[72:HEADER] != last[-32:]):
            if last is not None:
                at, *end, _ = walk(last, created_at_us)
                fault = "damaged" if at < len(last) else None
            fault = fault or seam_fault(tuple(end), first, data[72:HEADER])
        if fault:
            return fault, None
        last = data
    at, sequence, _, time = walk(last, created_at_us)
    if at == len(last):
        return "torn" if cut else "whole", sequence
    if cut or acknowledged_behind(last, at, sequence, time):
        return "damaged", None
    return "torn", sequence


# What a finding is called in a verdict (docs/format/verdict.md), and of which class it is.
TOLD = {
    "segment-foreign": ("coverage", "foreign_segment"),
    "segment-misnamed": ("coverage", "segment"),
    "segment-gap": ("coverage", "gap"),
    "segment-overlap": ("coverage", "overlap"),
    "segment-other-history": ("coverage", "replaced_segment"),
    "damaged": ("integrity", "damaged"),
    "torn": ("coverage", "torn_tail"),
}


class Audit:
    """Reads every segment and goes on behind whatever is wrong. `found` is told of it; `take` of each record."""

    def __init__(self, identity, found, take, resume):
        self.ledger, self.end, self.created_at_us = identity.ledger, (0, identity.genesis), identity.created_at_us
        self.found, self.take, self.resume = found, take, resume
        self.lost = False  # Records are missing before the next segment, and that was said.

    def read(self, segments):
        for index, (first, data) in enumerate(segments):
            self._segment(first, data, index == len(segments) - 1)

    def _tell(self, outcome, sequence):
        self.found(*TOLD.get(outcome, ("integrity", "segment_header")), sequence)

    def _segment(self, first, data, is_last):
        if data is None:
            return self.found("coverage", "unreadable_file", first)
        fault = header_fault(first, data, self.ledger)
        if fault == "segment-too-short" and is_last and first > 0:
            return self._tell("torn", self.end[0])
        if fault:
            self._tell(fault, first)
            if fault in ("segment-too-short", "segment-foreign") or number(data[8:10]) > 1:
                return None
        sound = fault in (None, "segment-misnamed")
        begins = (number(data[32:40]), data[72:HEADER]) if sound else (first, self.end[1])
        seam = seam_fault(self.end, *begins)
        if seam:
            if sound and not (self.lost and begins[0] > self.end[0]):
                self._tell(seam, first)
            self.resume(*begins)
        self.end, self.lost = begins, False
        end = len(data)
        if sound and is_last:
            at, sequence, _, time = walk(data, self.created_at_us)
            if at < end and not acknowledged_behind(data, at, sequence, time):
                end = at
        self._records(data[:end], is_last)
        if end < len(data):
            self._tell("torn", self.end[0])
        return None

    def _records(self, data, is_last):
        at, taken, time = HEADER, [], self.created_at_us
        while at < len(data):
            record = self._frame(data, at)
            if record is not None:
                taken.append((at, record))
                at += len(record)
                self.end = (self.end[0] + 1, record[-32:])
                continue
            if taken and not linked_at(data, taken[-1][0]):  # No record is here because that one's length is wrong.
                at, _ = taken.pop()
                self.end = (self.end[0] - 1, data[at - 32 : at])
            time = number_signed(taken[-1][1][14:22]) if taken else time
            self._hand_on(taken)
            place = self.end[0]
            if is_last and not acknowledged_behind(data, at, place, time):
                return self._tell("torn", place)
            self._tell("damaged", place)
            at = next((later for later in range(at + 1, len(data)) if linked_at(data, later, place)), len(data))
            self.lost = at == len(data)
            if not self.lost:
                self.end = (record_at(data, at).sequence, data[at - 32 : at])
                self.resume(*self.end)
        return self._hand_on(taken)

    def _hand_on(self, taken):
        for _, record in taken:
            self.take(record)
        taken.clear()

    def _frame(self, data, at):
        """The bytes of the record at a place: as its header says, or as what stands behind it shows."""
        record = record_at(data, at)
        if record and record.sequence == self.end[0]:
            return record.bytes
        length = number(data[at : at + 2])
        if length < 70 or at + length > len(data):
            return None
        following = linked_at(data, at + length) if at + length < len(data) else linked_at(data, at)
        if following is None:
            return None
        ends = at + length == len(data)
        self.end = (following.sequence + (1 if ends else 0) - 1, self.end[1])
        return data[at : at + length]
