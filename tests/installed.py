"""The service installed in a container exactly as the README says, and the words with which tests steer it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from container import Container
from daemon import until
from fakes.countingsink import CountingSink
from services import hand_over

ROOT = Path(__file__).parent.parent
PORT = 2525
CONFIG = "/etc/mailticket/mailticket.toml"
UNITS = "/etc/systemd/system"
# The commands read the same secret as the service: where it is a credential, from where systemd keeps it for that.
SURROUNDINGS = "export PATH=/opt/mailticket/bin:$PATH CREDENTIALS_DIRECTORY=/run/credentials/mailticket.service; "
OFFLINE = "export PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels; cd /checkout; "


@dataclass
class Desk:
    """`good` is the config that each test begins with, `sink` takes what the desk sends."""

    container: Container
    sink: CountingSink
    good: str = field(init=False)

    def install(self) -> None:
        """The README's steps; after the first one, the config as an admin makes it."""
        first, *steps = readme_steps()
        self.container.says(OFFLINE + first, 200)
        self.says("mailticket init /etc/mailticket")
        self.good = edited(self.container.path(CONFIG).read_text("utf-8"), self.sink.port)
        self.configure(self.good)
        for step in steps:
            self.container.says(OFFLINE + step)

    def says(self, script: str) -> str:
        return self.container.says(SURROUNDINGS + script)

    def systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.container.run(f"systemctl {' '.join(words)} mailticket.service")

    def shows(self, name: str) -> str:
        return self.says(f"systemctl show --value -p {name} mailticket.service")

    def journal(self) -> str:
        return self.says("journalctl --sync; journalctl -o cat -u mailticket.service")

    def told(self, words: str) -> int:
        """How often the journal has it."""
        return self.journal().count(words)

    def configure(self, text: str) -> None:
        self.container.path(CONFIG).write_text(text, "utf-8")

    def begin(self, text: str = "") -> None:
        """Start it with this config, or the good one; how it went before does not count."""
        self.systemctl("stop")
        self.systemctl("reset-failed")
        self.configure(text or self.good)
        done = self.systemctl("start")
        assert done.returncode == 0, f"{done.stderr}{self.journal()[-2000:]}"

    def be_well(self) -> None:
        """With the good config, and up."""
        well = self.container.path(CONFIG).read_text("utf-8") == self.good
        if not well or self.systemctl("is-active").returncode != 0:
            self.begin()

    @contextlib.contextmanager
    def unit(self, name: str, text: str) -> Iterator[None]:
        """With one more file for systemd, while this lasts."""
        path = self.container.path(f"{UNITS}/{name}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.says("systemctl daemon-reload")
        try:
            yield
        finally:
            path.unlink()
            self.says("systemctl daemon-reload")

    def takes(self, raw: bytes, port: int = PORT) -> bool:
        """Is that mail ours now?"""
        with self.container.network():
            return hand_over(port, raw)[0] == 250

    def listed(self, kind: str) -> list[dict]:
        """The inbox or the tickets, as the commands tell them: one JSON object a line."""
        return [json.loads(line) for line in self.says(f"mailticket {kind} list --json").splitlines()]

    def has_ticket(self, subject: str) -> None:
        """It comes to have it."""
        until(lambda: subject in {t["subject"] for t in self.listed("tickets")}, 20, self.journal, pause=0.2)

    def processes(self) -> dict[int, str]:
        """The service's processes, by what they are: run, mailticket.door, …"""
        found = {}
        for entry in self.container.path("/proc").iterdir():
            with contextlib.suppress(OSError):  # it ended meanwhile
                words = (entry / "cmdline").read_text().split("\0") if entry.name.isdigit() else [""]
                if words[0].startswith("/opt/mailticket/"):
                    found[int(entry.name)] = next(word for word in words if re.match(r"mailticket\.|run$", word))
        return found


def readme_steps() -> list[str]:
    """The commands under "As a service", as they stand there."""
    text = (ROOT / "README.md").read_text("utf-8").partition("**As a service.**")[2]
    block = re.search(r"(?:^    \S.*\n)+", text, re.MULTILINE)
    assert block is not None
    return [line.strip() for line in block[0].splitlines()]


def edited(text: str, sink: int) -> str:
    """What `init` wrote, made an admin's own."""
    for old, new in {
        "example.com": "acme.example",
        "smtp://127.0.0.1:25": f"smtp://127.0.0.1:{sink}",
        '# database = "sqlite:mailticket.db"': 'database = "sqlite:/var/lib/mailticket/mailticket.db"',
        '# hostname = "': 'hostname = "',
    }.items():
        assert old in text
        text = text.replace(old, new)
    return text


def with_keys(text: str, table: str, lines: str) -> str:
    """The config with a table's first lines; a table that is commented out is switched on."""
    found = re.sub(rf"^(# )?\[{table}\]$", lambda _: f"[{table}]\n{lines}", text, count=1, flags=re.MULTILINE)
    assert found != text
    return found


def checkout(folder: Path) -> Path:
    """What git would give of it: no virtual environment, no caches."""
    for name in ("mailticket", "templates", "systemd"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def wheels(folder: Path) -> Path:
    """All that pip needs in a container without a network: what the lock names, and what builds the project."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    command = [sys.executable, "-m", "pip", "wheel", "-q", "-w", folder, "-c", "requirements.lock", ".", *build]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder
