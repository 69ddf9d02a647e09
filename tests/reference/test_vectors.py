"""Every vector of docs/format/vectors/ comes out as it says. Run with: python3 -m unittest discover tests/reference"""

import json
import sys
import unittest
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parent))

import payload
import segments
from record import Chain, Fault, Identity, Record
from rules import State

VECTORS = Path(__file__).parents[2] / "docs" / "format" / "vectors"


def vectors(name):
    return json.loads((VECTORS / name).read_text())


def told(judge, *given):
    """What a verifier says of something: ok, or the code of what is wrong."""
    try:
        return judge(*given) or "ok"
    except Fault as fault:
        return fault.code


class Vectors(unittest.TestCase):
    def each(self, found, judge):
        self.assertTrue(found["vectors"])
        for vector in found["vectors"]:
            with self.subTest(vector["name"]):
                self.assertEqual(told(judge, vector), vector["expect"])

    def test_records(self):
        found = vectors("record.json")
        members = "format ledger created_at_us time_zone origin title genesis".split()
        text = json.dumps({name: found["identity"][name] for name in members}, indent=2, ensure_ascii=False) + "\n"
        identity = Identity.of_file(text.encode())

        def judge(vector):
            before = vector["previous"]
            chain = Chain(identity.ledger, bytes.fromhex(before["hash"]), before["size"], before["recorded_at_us"])
            return chain.follow(Record.exactly(bytes.fromhex(vector["bytes"])))

        self.each(found, judge)

    def test_payloads(self):
        def judge(vector):
            entry = payload.decode(vector["schema"], bytes.fromhex(vector["bytes"]))
            self.assertEqual(len(entry.events), vector["events"])

        self.each(vectors("payload.json"), judge)

    def test_segments(self):
        found = vectors("segment.json")
        ledger, genesis = UUID(found["ledger"]).bytes, bytes.fromhex(found["genesis"])

        def judge(vector):
            log = [(int(segment["file"][:20]), bytes.fromhex(segment["bytes"])) for segment in vector["log"]]
            outcome, size = segments.opened(log, ledger, genesis, found["created_at_us"])
            self.assertEqual(size, vector["size"])
            return outcome

        self.each(found, judge)

    def test_states(self):
        found = vectors("state.json")
        self.assertTrue(found["vectors"])
        for vector in found["vectors"]:
            with self.subTest(vector["name"]):
                state = State()
                self.assertEqual(state.digest(0).hex(), vector["empty"])
                for size, record in enumerate(vector["entries"], 1):
                    entry = payload.decode(1, bytes.fromhex(record["payload"]))
                    self.assertEqual(state.admit(UUID(record["entry_id"]).bytes, entry), ([], True))
                    self.assertEqual(state.digest(size).hex(), record["state"], f"after {size} entries")


if __name__ == "__main__":
    unittest.main()
