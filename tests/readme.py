"""The README's commands, so that what CI runs is what a reader runs: `python3 tests/readme.py 2` prints the second."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def command(number: int) -> str:
    """The one line of the README's `number`th fenced block, counted from 1, which must be a `sh` block."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    kind, text = blocks[number - 1]
    lines = text.strip().splitlines()
    if kind != "sh" or len(lines) != 1:
        raise SystemExit(f"README.md: fenced block {number} should be one line of sh")
    return lines[0]


if __name__ == "__main__":
    print(command(int(sys.argv[1])))
