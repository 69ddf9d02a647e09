"""Whether the reference in Python and Sanad say the same of ledgers and publications that somebody tampered with: class,
sequence and code of every finding, how many entries there are, where the chain ends, and the state after each entry where it can
be told. Argument: the folder."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

import note
from record import Fault, Identity
from sanad_reference import Verification


def judged(folder, sizes, key=None):
    try:
        identity = Identity.of_file((folder / "ledger.json").read_bytes())
    except Fault as fault:
        return {"error": fault.code}
    run = Verification(identity, [note.Key.parse(key)] if key else [], sizes)
    if key:
        run.published(folder)
    else:
        run.folder(folder)
    result = run.result()
    findings = {(kind, found["sequence"], found["code"]) for kind in run.verdict for found in run.verdict[kind]}
    states = [run.digests[size].hex() if size in run.digests else None for size in sizes]
    told = {key: result[key] for key in ("entries", "head", "root")}
    return {"findings": sorted(findings, key=str), "states": states, **told}


def main(folder):
    verdicts = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    differ = 0
    for theirs in verdicts:
        states = theirs.get("states") or []
        ours = judged(folder / theirs["name"], list(range(len(states))), theirs.get("key"))
        if "error" in theirs or "error" in ours:
            same = "error" in theirs and "error" in ours
        else:
            expected = {tuple(finding) for finding in theirs["findings"] if finding[0] != "agreement"}
            # Which of several broken rules is told is not part of the format.
            plain = lambda findings: {found[: 2 if found[0] == "lawfulness" else 3] for found in findings}
            found = plain(ours["findings"])
            if "key" in theirs:  # What is told of a publication is not told of what its entries say.
                found = {finding for finding in found if finding[0] != "lawfulness"}
            same = found == plain(expected) and ours["states"] == states
            told = [key for key in ("entries", "head", "root") if theirs.get(key) is not None and ours[key] is not None]
            same = same and all(ours[key] == theirs[key] for key in told)
        if not same:
            differ += 1
            theirs.pop("states", None), ours.pop("states", None)
            print(f"they differ: {theirs['name']}\n  Sanad:  {theirs}\n  Python: {ours}")
    found = sum(bool(theirs.get("findings")) for theirs in verdicts)
    print(f"hostile: {len(verdicts)} ledgers, {found} of them found wanting, {differ} told otherwise by Python")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
