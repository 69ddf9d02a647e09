"""Whether the reference in Python agrees with what Sanad told of the ledgers that it made: verdicts, heads, roots, states,
checkpoints and proofs. Arguments: the folders of the ledgers."""

import json
import sys
from base64 import b64decode, b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

import note
import tree
from record import Identity
from sanad_reference import Verification, verify

MOST_SIGNATURES = 60


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def same(ours, theirs, what):
    if ours != theirs:
        raise SystemExit(f"{what}: Python says {ours}, Sanad {theirs}")


def agree(folder):
    key, told = lines(folder / "keys.json")[0]["log"], lines(folder / "sizes.jsonl")
    identity, states = Identity.of_file((folder / "published" / "ledger.json").read_bytes()), 0
    run = Verification(identity, [note.Key.parse(key)], [size["size"] for size in told if size["state"]])
    run.watched = {size["size"] for size in told}
    run._pass()
    run.published(folder / "published")
    proofs = sorted((folder / "proofs").iterdir())
    for proof in proofs:
        run.proof(proof)
    last, verdict = told[-1], run.result()
    wanted = {"entries": last["size"], "head": last["head"], "root": last["root"]}
    clean = {"integrity": [], "coverage": [], "lawfulness": []}
    same({**verdict, "state": None}, {**clean, **wanted, "state": None}, f"{folder}, published")
    roots = {size: b64encode(root).decode() for size, root in run.roots.items()}
    for size in told:
        same(roots[size["size"]], size["root"], f"{folder}, the root of size {size['size']}")
        if size["state"]:
            states += 1
            same(run.digests[size["size"]].hex(), size["state"], f"{folder}, the state after {size['size']} entries")
    local = verify(folder / "ledger")
    same(local, {**clean, **wanted, "state": last["state"]}, f"{folder}, the ledger's own folder")

    signatures = told[:: max(1, len(told) // MOST_SIGNATURES)]
    checkpoints = [(size["note"].encode(), key) for size in signatures]
    if (folder / "go.checkpoint").exists():
        checkpoints.append(((folder / "go.checkpoint").read_bytes(), (folder / "go.key").read_text().strip()))
    for data, known in checkpoints:
        found = note.Checkpoint.believed(data, [note.Key.parse(known)], identity.origin)
        same(found.root, run.roots[found.size], f"{folder}, the checkpoint of size {found.size}")

    inclusions, consistencies = lines(folder / "inclusion.jsonl"), lines(folder / "consistency.jsonl")
    for proof in inclusions:
        leaf, hashes = run.tree.levels[0][proof["index"]], [b64decode(text) for text in proof["hashes"]]
        found = tree.root_of_inclusion(leaf, proof["index"], proof["size"], hashes)
        same(found, run.roots[proof["size"]], f"{folder}, the proof of {proof['index']} in {proof['size']}")
    for proof in consistencies:
        old, size, hashes = proof["old"], proof["size"], [b64decode(text) for text in proof["hashes"]]
        holds = tree.extends(old, run.roots[old], size, run.roots[size], hashes)
        same(holds, True, f"{folder}, the proof from {old} to {size}")
    print(
        f"python: {len(told) - 1} entries: {len(roots)} roots, {states} states, {len(checkpoints)} checkpoints, "
        f"{len(inclusions)} inclusion and {len(consistencies)} consistency proofs, {len(proofs)} proof files agree"
    )


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        agree(Path(argument))
