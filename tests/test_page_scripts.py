"""What the page's scripts have in common with the simulator, read from their text, so that no browser is needed."""

import re
from pathlib import Path

from ivr.simulator.callfile import ACTS

SCRIPTS = Path(__file__).parents[1] / "ivr" / "web" / "static" / "simulator"


def test_a_replay_knows_every_act_of_a_call_file(call_acts):
    verbs = re.search(r"const VERBS = new Set\(\[(.*?)\]\)", (SCRIPTS / "callfile.js").read_text(), re.DOTALL)
    assert set(re.findall(r'"(\w+)"', verbs[1])) == {*ACTS, *call_acts}
