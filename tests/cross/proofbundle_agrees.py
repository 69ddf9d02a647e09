"""Whether PyPI's `proofbundle`, which others wrote, verifies what Sanad made: proof files, checkpoints with their
cosignatures, inclusion and consistency proofs; and refuses them once they are altered. Arguments: the folders of the ledgers."""

import json
import sys
from base64 import b64decode
from pathlib import Path

from proofbundle import verify_consistency, verify_inclusion, verify_tlog_proof, verify_witnessed_checkpoint

MOST_SIGNATURES = 300


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def must(holds, what):
    if not holds:
        raise SystemExit(f"proofbundle: {what}")


def entries(published, size):
    """The records, from the bundles."""
    found = []
    for index in range(-(-size // 256)):
        width = min(256, size - index * 256)
        path = f"{index:03d}" if index < 1000 else f"x{index // 1000:03d}/{index % 1000:03d}"
        data = (published / "tile" / "entries" / (path + (f".p/{width}" if width < 256 else ""))).read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    return found


def ledger(folder):
    keys, told = lines(folder / "keys.json")[0], lines(folder / "sizes.jsonl")
    roots = [b64decode(size["root"]) for size in told]
    records = entries(folder / "published", len(told) - 1)
    origin = keys["log"].split("+")[0]

    proofs = sorted((folder / "proofs").iterdir())
    for path in proofs:
        text, index = path.read_text(), int(path.stem)
        trusted = {"threshold": 1, "expected_origin": origin}
        answer = verify_tlog_proof(text, records[index], keys["log"], [keys["witness"]], **trusted)
        must(answer["ok"] and answer["index"] == index and answer["tree_size"] == len(records), f"{path}: {answer}")
        altered = records[index][:-1] + bytes([records[index][-1] ^ 1])
        must(not verify_tlog_proof(text, altered, keys["log"], [keys["witness"]], **trusted)["ok"], f"{path}, altered")

    cosigned = [size for size in told if size["size"] > 0]
    cosigned = cosigned[:: max(1, len(cosigned) // MOST_SIGNATURES)]
    for size in cosigned:
        answer = verify_witnessed_checkpoint(size["note"], keys["log"], [keys["witness"]], expected_origin=origin)
        must(answer["ok"] and answer["root"] == roots[size["size"]], f"{folder}, checkpoint {size['size']}: {answer}")

    inclusions, consistencies = lines(folder / "inclusion.jsonl"), lines(folder / "consistency.jsonl")
    for proof in inclusions:
        index, size, hashes = proof["index"], proof["size"], [b64decode(text) for text in proof["hashes"]]
        must(verify_inclusion(records[index], index, size, hashes, roots[size]), f"{folder}, {index} in {size}")
    # It proves nothing from the empty tree on; there is nothing to prove.
    consistencies = [proof for proof in consistencies if proof["old"] > 0]
    for proof in consistencies:
        old, size, hashes = proof["old"], proof["size"], [b64decode(text) for text in proof["hashes"]]
        must(verify_consistency(old, size, hashes, roots[old], roots[size]), f"{folder}, from {old} to {size}")
    print(
        f"proofbundle: {len(records)} entries: {len(proofs)} proof files, {len(cosigned)} cosigned checkpoints, "
        f"{len(inclusions)} inclusion and {len(consistencies)} consistency proofs hold"
    )


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        ledger(Path(argument))
