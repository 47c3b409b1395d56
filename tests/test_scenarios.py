"""Every folder in `scenarios` is a story that must come true; its first line says what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from scenario import play, read_story

FOLDERS = sorted(story.parent for story in (Path(__file__).parent / "scenarios").glob("*/story.txt"))


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_the_story_comes_true(folder, tmp_path):
    play(folder, tmp_path)


def test_every_story_begins_with_the_sentence_that_it_shows():
    for folder in FOLDERS:
        assert read_story(folder / "story.txt")[0].endswith("."), folder.name


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (
            "maria@c.example writes to support@acme.example\n    Hello\n> acknowledgement to maria@c.example",
            "nobody expected",
        ),
        ("maria@c.example writes to support@acme.example\n    Hello\n> notice to maria@c.example", "no notice"),
        ("there is 1 ticket", "there are 0"),
        ("somebody sings", "nobody understands"),
    ],
)
def test_a_story_that_is_not_true_fails_with_its_line(told, complaint, tmp_path):
    (tmp_path / "story.txt").write_text(f"A sentence.\n{told}\n")
    with pytest.raises(AssertionError, match=rf"story.txt:\d+: .*{complaint}"):
        play(tmp_path, tmp_path)
