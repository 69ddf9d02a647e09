"""A published ledger: docs/format/publication.md."""

import re

from record import Fault

FULL = 256
HASH, MOST_ENTRY = 32, 65_537  # The bytes of an entry in a tile, and at most in a bundle.
MOST_FAULTY = 1_000  # A checkpoint can claim any size, and nobody has to serve anything for it.
PATH = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


def read_file(path, most):
    """The bytes of a file, or None where there is none or it is longer than one may be."""
    try:
        if path.stat().st_size > most:
            return None
        return path.read_bytes()
    except OSError:
        return None


def path_of(index, width):
    digits = str(index)
    digits = digits.rjust(-(-len(digits) // 3) * 3, "0")
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + (f".p/{width}" if width < FULL else "")


def indices(folder):
    """Which tiles or bundles are there, whole or in part, from the paths of the files."""
    found = set()
    for path in folder.rglob("*") if folder.is_dir() else ():
        match = PATH.fullmatch(path.relative_to(folder).as_posix())
        if match and path.is_file():
            index = int(match[1].replace("/", "").replace("x", ""))
            width = int(match[2] or FULL)
            if match[0] == path_of(index, width):
                found.add(index)
    return sorted(found)


def size_here(folder):
    """How many records the bundles hold by their paths, where no checkpoint tells it."""
    last = max(indices(folder), default=None)
    if last is None:
        return 0
    width = max(width for width in range(1, FULL + 1) if (folder / path_of(last, width)).is_file())
    return last * FULL + width


def piece(folder, index, width, each):
    """A tile or bundle with at least this width, of at most `each` bytes an entry: as it was published, or full since."""
    for stated in {width: None, FULL: None}:
        path = folder / path_of(index, stated)
        data = read_file(path, stated * each)
        if data is not None:
            return data, stated
        if path.exists():
            raise Fault("unreadable_file")
    return None, width


def entries(data, width, stated):
    """The first records of a bundle, as bytes, and whether it is well formed."""
    found, at = [], 0
    while len(found) < stated:
        length = int.from_bytes(data[at : at + 2], "big")
        if len(data) - at < 2 + length or len(data) - at < 2:
            return found[:width], False
        found.append(data[at + 2 : at + 2 + length])
        at += 2 + length
    return found[:width], at == len(data)


def leaf_hashes(folder, first, end):
    """The hashes of some leaves as the tiles of level 0 have them, or None."""
    found = []
    for index in range(first // FULL, -(-end // FULL)):
        try:
            data, stated = piece(folder / "0", index, min(FULL, end - index * FULL), HASH)
        except Fault:
            return None
        if data is None or len(data) != HASH * stated:
            return None
        found += [data[at : at + 32] for at in range(0, len(data), 32)]
    return found[first % FULL : end - first // FULL * FULL]


def check_tiles(folder, tree, found):
    """Holds every tile of a tree against what it should be."""
    for level, hashes in enumerate(tree.levels):
        for index in range(-(-len(hashes) // FULL)):
            ours = hashes[index * FULL : (index + 1) * FULL]
            first = index * FULL << 8 * level
            try:
                data, stated = piece(folder / str(level), index, len(ours), HASH)
            except Fault as fault:
                found("coverage", fault.code, first)
                continue
            if data is None:
                found("coverage", "missing_tile", first)
            elif len(data) != 32 * stated:
                found("integrity", "malformed_file", first)
            else:
                wrong = [place for place, hash in enumerate(ours) if data[32 * place : 32 * place + 32] != hash]
                if wrong:
                    found("integrity", "tile_differs", first + (wrong[0] << 8 * level))


def missing_tiles(folder, size, found):
    """Says which tiles of a tree of this size are not there, where nothing more can be said of them."""
    for level in range(8):
        count = size >> 8 * level
        for index in range(min(-(-count // FULL), MOST_FAULTY)):
            width = min(FULL, count - index * FULL)
            if not any((folder / str(level) / path_of(index, each)).exists() for each in (width, FULL)):
                found("coverage", "missing_tile", index * FULL << 8 * level)


def read_entries(folder, size, found, take, lost):
    """Gives each record of a ledger of this size to `take`; `lost` is told up to where some are missing."""
    faulty = 0
    for index in range(-(-size // FULL)):
        if faulty == MOST_FAULTY:
            found("coverage", "gave_up", index * FULL)
            return lost(size)
        width = min(FULL, size - index * FULL)
        code = "missing_bundle"
        try:
            data, stated = piece(folder, index, width, MOST_ENTRY)
        except Fault as fault:
            data, code = None, fault.code
        records, sound = ([], False) if data is None else entries(data, width, stated)
        for record in records:
            take(record)
        if data is None:
            found("coverage", code, index * FULL)
        elif not sound:
            found("integrity", "malformed_file", index * FULL + min(len(records), width - 1))
        faulty += not sound
        if len(records) < width:
            lost(index * FULL + width)
    return None
