"""Whether the reference in Python and Sanad say the same of ledgers that somebody tampered with: class, sequence and code of every
finding, how many entries there are, where the chain ends, and the state after each entry where it can be told. Argument: the folder."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

from record import Fault, Identity
from sanad_reference import Verification


def judged(folder, sizes):
    try:
        identity = Identity.of_file((folder / "ledger.json").read_bytes())
    except Fault as fault:
        return {"error": fault.code}
    run = Verification(identity, at=sizes)
    run.folder(folder)
    result = run.result()
    findings = {(kind, found["sequence"], found["code"]) for kind in run.verdict for found in run.verdict[kind]}
    states = [run.digests[size].hex() if size in run.digests else None for size in sizes]
    return {"findings": sorted(findings, key=str), "entries": result["entries"], "head": result["head"], "states": states}


def main(folder):
    verdicts = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    differ = 0
    for theirs in verdicts:
        states = theirs.get("states") or []
        ours = judged(folder / theirs["name"], list(range(len(states))))
        if "error" in theirs or "error" in ours:
            same = "error" in theirs and "error" in ours
        else:
            expected = {tuple(finding) for finding in theirs["findings"] if finding[0] != "agreement"}
            # Which of several broken rules is told is not part of the format.
            plain = lambda findings: {found[: 2 if found[0] == "lawfulness" else 3] for found in findings}
            same = plain(ours["findings"]) == plain(expected) and ours["states"] == states
            same = same and ours["entries"] == theirs["entries"] and ours["head"] in (theirs["head"], None)
        if not same:
            differ += 1
            theirs.pop("states", None), ours.pop("states", None)
            print(f"they differ: {theirs['name']}\n  Sanad:  {theirs}\n  Python: {ours}")
    found = sum(bool(theirs.get("findings")) for theirs in verdicts)
    print(f"hostile: {len(verdicts)} ledgers, {found} of them found wanting, {differ} told otherwise by Python")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
