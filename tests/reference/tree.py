"""The Merkle tree and its proofs: docs/format/tree.md (RFC 6962, section 2.1)."""

from hashlib import sha256

EMPTY = sha256().digest()
LARGEST = 2**63 - 1


def leaf_hash(data):
    return sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """Grows leaf by leaf. `levels[l]` has what the tiles of level l have: every full subtree of 256^l leaves."""

    def __init__(self):
        self.levels, self.peaks = [[]], []  # A peak is the root of a full subtree and its height.

    @staticmethod
    def of(leaves):
        tree = Tree()
        for leaf in leaves:
            tree.push(leaf)
        return tree

    @property
    def size(self):
        return len(self.levels[0])

    def push(self, leaf):
        height, peak = 0, leaf
        self._keep(0, leaf)
        while self.peaks and self.peaks[-1][1] == height:
            height, peak = height + 1, node_hash(self.peaks.pop()[0], peak)
            if height % 8 == 0:
                self._keep(height // 8, peak)
        self.peaks.append((peak, height))

    def _keep(self, level, found):
        if level == len(self.levels):
            self.levels.append([])
        self.levels[level].append(found)

    def root(self):
        found = None
        for peak, _ in reversed(self.peaks):
            found = peak if found is None else node_hash(peak, found)
        return EMPTY if found is None else found


def inclusion_length(index, size):
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def root_of_inclusion(leaf, index, size, proof):
    """The root that an inclusion proof leads to, or None where it has not the number of hashes that it must have."""
    if not 0 <= index < size or len(proof) != inclusion_length(index, size):
        return None
    last, found = size - 1, leaf
    for sibling in proof:
        while index == last and index % 2 == 0:  # Nothing stands to the right: the node goes up as it is.
            index, last = index >> 1, last >> 1
        found = node_hash(sibling, found) if index % 2 else node_hash(found, sibling)
        index, last = index >> 1, last >> 1
    return found


def extends(old_size, old_root, size, root, proof):
    """Does a consistency proof lead from the old root to the new one?"""
    if not 0 <= old_size <= size:
        return False
    if old_size == 0 or old_size == size:
        return not proof and old_root == (EMPTY if old_size == 0 else root)
    zeros = (old_size & -old_size).bit_length() - 1
    whole = old_size == 1 << zeros  # The old tree is one full subtree; its root need not be told.
    if len(proof) != inclusion_length(old_size - 1, size) - zeros + (not whole):
        return False
    hashes = list(proof)
    old = new = old_root if whole else hashes.pop(0)
    index, last = (old_size - 1) >> zeros, (size - 1) >> zeros
    for sibling in hashes:
        while index == last and index % 2 == 0:
            index, last = index >> 1, last >> 1
        if index % 2:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
        index, last = index >> 1, last >> 1
    return (old, new) == (old_root, root)
