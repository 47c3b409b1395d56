"""Everything that must hold, in one go: lint, types, tests. As root it installs Debian's packages first.

Run as `python tests/run.py [pytest's arguments]` in a virtual environment with the project and its `dev` extra.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from subprocess import DEVNULL

ROOT = Path(__file__).parent.parent
# What the tests start: the program that shows it is there, and the Debian package that has it.
SERVERS = {
    "postfix": "postfix",
    "swaks": "swaks",
    "dovecot": "dovecot-core",
    "imap": "dovecot-imapd",
    "lmtp": "dovecot-lmtpd",
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "chromium": "chromium",
    "pdftotext": "poppler-utils",
    "tmux": "tmux",
    "neomutt": "neomutt",
    "s-nail": "s-nail",
}
WORKERS = len(os.sched_getaffinity(0)) + 1  # many tests wait for a server most of their time
TOOLS = ("/usr/sbin", "/sbin", "/usr/lib/dovecot")


# Modules of Perl that swaks needs for TLS, and the packages that have them.
PERL = {"Net::SSLeay": "libnet-ssleay-perl"}


def missing() -> list[str]:
    path = os.pathsep.join((os.environ.get("PATH", ""), *TOOLS))
    packages = [package for program, package in SERVERS.items() if not shutil.which(program, path=path)]
    return packages + [package for module, package in PERL.items() if not has_module(module)]


def has_module(name: str) -> bool:
    perl = shutil.which("perl")
    command = [perl or "", f"-M{name}", "-e", "1"]
    return bool(perl) and subprocess.run(command, check=False, capture_output=True).returncode == 0


def install(packages: list[str]) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"not installed, so their tests are skipped: {', '.join(packages)}", flush=True)
        return
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], quiet)
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], quiet)


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    began = time.monotonic()
    print("+", " ".join(command), flush=True)
    status = subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode
    print(f"  {time.monotonic() - began:.0f} s", flush=True)
    if status:
        sys.exit(status)


def main() -> None:
    if packages := missing():
        install(packages)
    python = [sys.executable, "-m"]
    run([*python, "ruff", "check", "."])
    run([*python, "ruff", "format", "--check", "-q", "."])
    # The service is started hundreds of times: it is not to be compiled each time.
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # mypy has one processor; on another the tests are compiled, which each worker would do for itself.
    with subprocess.Popen([*python, "pytest", "--collect-only", "-qq"], cwd=ROOT, env=compiled, stdout=DEVNULL):
        run([*python, "mypy"])
    shared = ["-n", str(WORKERS), "--dist", "loadscope", "--no-loadscope-reorder"]
    run([*python, "pytest", *shared, *sys.argv[1:]], compiled)


if __name__ == "__main__":
    main()
