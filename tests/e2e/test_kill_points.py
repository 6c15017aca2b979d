"""A real process is killed at every step of ingest, match and deliver: nothing lost, nothing out of order."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from kill_points import CHATS, PAPERS

SCRIPT = Path(__file__).with_name("kill_points.py")
TESTS = SCRIPT.parents[1]
TITLES = [f"On killing, part {row}" for row in range(PAPERS)]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("platform", ["without nonces", "nonces"])
def test_killed_at_every_point(platform, tmp_path, database):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), database, platform],
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    deaths = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(death["died"] for death in deaths) >= 40
    assert not deaths[-1]["died"]
    most, again = 0, 0
    for death in deaths:
        repeats = []
        for chat in range(1, CHATS + 1):
            messages = [message for message in death["arrived"] if message["to"] == str(chat)]
            told = [title for message in messages for title in message["papers"]]
            assert list(dict.fromkeys(told)) == TITLES, death["at"]  # all of them, in order
            repeats.append(len(messages) - len({message["key"] for message in messages}))
            if platform == "nonces":
                assert Counter(told).most_common(1)[0][1] == 1, death["at"]
        assert max(repeats) <= 1, death["at"]  # one message a place
        most, again = max(most, sum(repeats)), again + sum(repeats)
    where = database.partition("+")[0]
    print(  # noqa: T201 -- what `-s` is for
        f"\n{where}, {platform}: killed at each of {sum(death['died'] for death in deaths)} points;"
        f" 0 lost, 0 out of order, {again} messages repeated in all, at most {most} a kill"
        f" over {CHATS} places in flight together, at most 1 a place and kill"
    )
