"""The wheel as a newcomer gets it: built, installed into an empty venv, and run from a folder that is not ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailticket import __version__

pytestmark = pytest.mark.timeout(900)  # whichever test comes first waits for pip
ROOT = Path(__file__).parent.parent
# The project's own folder must not help the installed one.
CLEAN = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MAILTICKET_CONFIG"}}


def _run(*command: str | Path, cwd: Path = Path("/"), timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=CLEAN,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


@dataclass
class Installed:
    wheel: Path
    bin: Path

    def mailticket(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return _run(self.bin / "mailticket", *arguments)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    built = _run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    made = _run(sys.executable, "-m", "venv", folder / "venv")
    assert made.returncode == 0, made.stderr
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "install", "-q", "-c", ROOT / "requirements.lock", wheel]
    got = _run(*pip)
    assert got.returncode == 0, got.stdout + got.stderr
    return Installed(wheel, folder / "venv" / "bin")


def test_the_wheel_holds_the_templates_and_the_types_and_no_tests(installed):
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    templates = {f"mailticket/templates/en/{path.name}" for path in (ROOT / "templates" / "en").iterdir()}
    assert len(templates) > 10
    assert templates <= names
    assert "mailticket/py.typed" in names
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mailticket").rglob("*.py")}
    assert modules <= names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"mailticket", f"mailticket-{__version__}.dist-info"}
    assert not [name for name in names if "test" in name or "__pycache__" in name]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def _normal(line: str) -> str:
    """A requirement's name as the lock spells it (PEP 503)."""
    name, equals, version = line.lower().partition("==")
    return re.sub(r"[-_.]+", "-", name) + equals + version


def test_the_lock_holds_everything_that_is_installed(installed):
    """What a newcomer gets is what was tested, to the last dependency."""
    frozen = _run(installed.bin / "python", "-m", "pip", "freeze", "--exclude", "mailticket").stdout.split("\n")
    locked = {line.partition(" ;")[0].lower() for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert {_normal(line) for line in frozen if line} <= locked


def test_it_tells_its_version_and_its_commands(installed):
    assert installed.mailticket("--version").stdout == f"mailticket {__version__}\n"
    assert "demo" in installed.mailticket("--help").stdout
    assert _run(installed.bin / "python", "-m", "mailticket", "--version").stdout == f"mailticket {__version__}\n"


def test_its_templates_are_found_and_whole(installed):
    program = (
        "from mailticket.templates_files import load_templates; from mailticket.core.render import Templates; "
        "import mailticket; print(len(load_templates()), Templates(load_templates()).faults(), mailticket.__file__)"
    )
    done = _run(installed.bin / "python", "-c", program)
    count, faults, place = done.stdout.split(maxsplit=2)
    assert int(count) == len(list((ROOT / "templates" / "en").iterdir()))
    assert faults == "[]"
    assert place.startswith(str(installed.bin.parent)), "the installed one, not ours"


def test_init_writes_what_check_finds_right(installed, tmp_path):
    wrote = installed.mailticket("init", tmp_path / "desk")
    assert (wrote.returncode, wrote.stderr) == (0, "")
    checked = installed.mailticket("check", "-c", tmp_path / "desk" / "mailticket.toml")
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.splitlines()[-1].startswith("ok")


def test_the_demo_runs_to_its_end(installed):
    played = installed.mailticket("demo")
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    assert "#resolve" in played.stdout
