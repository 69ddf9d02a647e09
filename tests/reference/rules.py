"""Which entries are lawful, and what a history amounts to: docs/format/rules.md and state.md."""

from bisect import bisect_left, bisect_right

from payload import CapacityDeclared, Granted, HolderRegistered, PoolOpened
from record import derive

EVER = float("inf")  # Later than every time; minus it is earlier than every time.


class Steps:
    """A number that changes at instants: `value[i]` from `at[i]` on. It begins with 0."""

    def __init__(self):
        self.at, self.value = [-EVER], [0]

    def _cut(self, at):
        index = bisect_left(self.at, at)
        if index == len(self.at) or self.at[index] != at:
            self.at.insert(index, at)
            self.value.insert(index, self.value[index - 1])
        return index

    def add(self, start, end, amount):
        first = self._cut(start)
        last = len(self.at) if end == EVER else self._cut(end)
        self.value[first:last] = [value + amount for value in self.value[first:last]]

    def within(self, start, end):
        """The values from `start` until before `end`."""
        return self.value[bisect_right(self.at, start) - 1 : bisect_left(self.at, end)]


class Pool:
    def __init__(self, opened):
        self.opened = opened
        self.declared = {}  # For a root pool: the capacity from an instant on.
        self.headroom = Steps()

    def declare(self, from_us, capacity):
        """Gives until when this is the capacity, and by how much it is more than before."""
        instants = sorted(self.declared)
        place = bisect_right(instants, from_us)
        former = self.declared[instants[place - 1]] if place else 0
        self.declared[from_us] = capacity
        return instants[place] if place < len(instants) else EVER, capacity - former


class Grant:
    def __init__(self, granted):
        self.granted = granted
        self.until = EVER if granted.until_us is None else granted.until_us
        self.taken = Steps()


class State:
    def __init__(self):
        self.entry_ids, self.pools, self.holders, self.grants = set(), {}, {}, {}

    def admit(self, entry_id, entry):
        """Takes an entry on; gives the codes of the rules that it breaks, and whether it has its effect."""
        codes = ["entry_id_reused"] if entry_id in self.entry_ids else []
        self.entry_ids.add(entry_id)
        changes, undo = [], []
        for event in entry.events:
            code = self._refuses(event)
            if code:
                for step in reversed(undo):
                    step()
                return codes + [code], False
            changes += self._apply(event, undo.append)
        worsened = self._settle(changes, entry.accept_shortfall)
        return codes + ([worsened] if worsened else []), not codes

    def _refuses(self, event):
        if isinstance(event, PoolOpened):
            if event.pool in self.pools:
                return "pool_exists"
            if event.parent == event.pool:
                return "pool_cycle"
            if event.parent is not None and event.parent not in self.pools:
                return "unknown_pool"
        elif isinstance(event, CapacityDeclared):
            if event.pool not in self.pools:
                return "unknown_pool"
            if self.pools[event.pool].opened.parent is not None:
                return "capacity_of_sub_pool"
        elif isinstance(event, HolderRegistered):
            if event.holder in self.holders:
                return "holder_exists"
        elif isinstance(event, Granted):
            if event.grant in self.grants:
                return "grant_exists"
            if event.pool not in self.pools or event.to_pool and event.recipient not in self.pools:
                return "unknown_pool"
            if event.to_pool and self.pools[event.recipient].opened.parent != event.pool:
                return "not_a_sub_pool"
            if not event.to_pool and event.recipient not in self.holders:
                return "unknown_holder"
        elif event.grant not in self.grants:
            return "unknown_grant"
        else:
            grant = self.grants[event.grant]
            if event.from_us < grant.granted.from_us:
                return "revokes_before_grant"
            if event.from_us >= grant.until or event.until_us is not None and event.until_us > grant.until:
                return "revokes_after_grant"
            until = grant.until if event.until_us is None else event.until_us
            if max(grant.taken.within(event.from_us, until)) + event.amount > grant.granted.amount:
                return "revokes_too_much"
        return None

    def _apply(self, event, undo):
        """Gives the changes to pools: pool, from, until, more capacity, more usage."""
        if isinstance(event, PoolOpened):
            self.pools[event.pool] = Pool(event)
            undo(lambda: self.pools.pop(event.pool))
            return []
        if isinstance(event, CapacityDeclared):
            pool = self.pools[event.pool]
            former = pool.declared.copy()
            undo(lambda: setattr(pool, "declared", former))
            until, more = pool.declare(event.from_us, event.capacity)
            return [(event.pool, event.from_us, until, more, 0)]
        if isinstance(event, HolderRegistered):
            self.holders[event.holder] = event
            undo(lambda: self.holders.pop(event.holder))
            return []
        if isinstance(event, Granted):
            grant = self.grants[event.grant] = Grant(event)
            undo(lambda: self.grants.pop(event.grant))
            until, more = grant.until, event.amount
        else:
            grant, more = self.grants[event.grant], -event.amount
            until = grant.until if event.until_us is None else event.until_us
            grant.taken.add(event.from_us, until, event.amount)
            undo(lambda: grant.taken.add(event.from_us, until, -event.amount))
        changes = [(grant.granted.pool, event.from_us, until, 0, more)]
        if grant.granted.to_pool:
            changes.append((grant.granted.recipient, event.from_us, until, more, 0))
        return changes

    def _settle(self, changes, accepted):
        """Judges the net effect of an entry, pool by pool and instant by instant, and lets it take place."""
        codes = []
        for name in {change[0] for change in changes}:
            headroom = self.pools[name].headroom
            mine = [change[1:] for change in changes if change[0] == name]
            instants = sorted({at for start, end, *_ in mine for at in (start, end)})
            for start, end in zip(instants, instants[1:]):
                here = [change for change in mine if change[0] <= start < change[1]]
                usage = sum(change[3] for change in here)
                less = usage - sum(change[2] for change in here)
                if less > 0:
                    before = min(headroom.within(start, end))
                    if before - less < 0 and usage > 0:
                        codes.append("exceeds_capacity")
                    elif before < 0:
                        codes.append("shortfall_would_grow")
                    elif before - less < 0 and not accepted:
                        codes.append("causes_shortfall")
            for start, end, capacity, usage in mine:
                headroom.add(start, end, capacity - usage)
        return codes[0] if codes else None

    def canonical(self, size):
        """The state after `size` entries, byte by byte."""
        out = [_u64(size), _u64(len(self.pools))]
        for name, pool in sorted(self.pools.items(), key=lambda item: item[0].encode()):
            opened = pool.opened
            out += [_text(name), _text(opened.title)]
            root = opened.parent is None
            out += [b"\x00", _text(opened.unit), bytes([opened.decimals])] if root else [b"\x01", _text(opened.parent)]
            out += [_u64(len(pool.declared))]
            out += [_i64(at) + _u64(capacity) for at, capacity in sorted(pool.declared.items())]
        out.append(_u64(len(self.holders)))
        for name, holder in sorted(self.holders.items(), key=lambda item: item[0].encode()):
            out += [_text(name), _text(holder.title)]
        out.append(_u64(len(self.grants)))
        for name, grant in sorted(self.grants.items()):
            granted, steps, former = grant.granted, [], 0
            for at, taken in zip(grant.taken.at, grant.taken.value):
                if taken != former and at < grant.until:
                    steps.append(_i64(at) + _u64(taken))
                former = taken
            out += [name, _text(granted.pool), bytes([granted.to_pool]), _text(granted.recipient), _u64(granted.amount)]
            out += [_i64(granted.from_us), _option(_i64, granted.until_us), _option(_text, granted.purpose)]
            out += [_u64(len(steps)), *steps]
        return b"".join(out)

    def digest(self, size):
        return derive("sanad 2026-11-24 state v1", self.canonical(size))


def _u64(value):
    return value.to_bytes(8, "little")


def _i64(value):
    return value.to_bytes(8, "little", signed=True)


def _text(value):
    return len(value.encode()).to_bytes(2, "little") + value.encode()


def _option(write, value):
    return b"\x00" if value is None else b"\x01" + write(value)
