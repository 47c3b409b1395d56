"""A Debian with a real systemd in a container: made once and kept for reruns, and thrown away again after each boot.

Needs root, debootstrap and systemd-nspawn. Nothing that happens in it reaches the kept folder or another machine: its
root is an overlay in memory, its network is a loopback of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from daemon import until

PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv"
KEPT_FOR = 7 * 86400.0  # seconds: sooner than what tidies /var/tmp takes files out of it
MARK = "made"  # the last file that is written
FAST = {"DPKG_FORCE": "security-mac,downgrade,unsafe-io"}  # what dpkg has by itself, and no fsync for each file
_CLONE_NEWNET = 0x40000000
_CLEAN = (
    "env",
    "-i",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
)


class Unavailable(Exception):  # noqa: N818 - it is no error of ours
    """This machine cannot have such a container; in a line, why."""


@dataclass
class Container:
    """Booted while its `with` lasts. `shown` are folders of this machine and where they are in there, to be read only.

    `log` is what its console says.
    """

    name: str
    log: Path
    shown: dict[Path, str]
    leader: int = 0  # its first process

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(_folder())  # held as long as we run: two cannot boot from one tree
            for tree in _trees(folder):
                self._start(tree)
                stack.callback(self._stop)
                if self._boots():
                    self._stack = stack.pop_all()
                    return self
                self._stop()
        raise Unavailable(f"systemd-nspawn boots no Debian here: {self._console()}")

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, script: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """A shell's script, as root, in there."""
        whole = ["nsenter", "--target", str(self.leader), "--all", "--", *_CLEAN, "sh", "-c", script]
        return subprocess.run(
            whole, capture_output=True, text=True, check=False, timeout=timeout, stdin=subprocess.DEVNULL
        )

    def says(self, script: str, timeout: float = 60) -> str:
        """What a script that must go well prints."""
        done = self.run(script, timeout)
        assert done.returncode == 0, f"{script}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def path(self, inside: str) -> Path:
        """A file in there, as this machine reaches it."""
        return Path(f"/proc/{self.leader}/root{inside}")

    @contextlib.contextmanager
    def network(self) -> Iterator[None]:
        """Sockets that this thread makes meanwhile are in there, and stay so."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path("/proc/self/ns/net").open() as ours, Path(f"/proc/{self.leader}/ns/net").open() as theirs:
            assert libc.setns(theirs.fileno(), _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(ours.fileno(), _CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def _start(self, tree: Path) -> None:
        command = [
            *("setpriv", "--pdeathsig", "TERM", "systemd-nspawn"),  # it shuts down when we end, however we end
            *("--directory", str(tree), "--volatile=overlay", "--boot", "--private-network", "--machine", self.name),
            *("--register=no", "--keep-unit", "--settings=no", "--link-journal=no", "--resolv-conf=off"),
            *(f"--bind-ro={outside}:{inside}" for outside, inside in self.shown.items()),
        ]
        with self.log.open("wb") as log:
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _boots(self) -> bool:
        """Is it up, with the Python that it was made with?"""
        try:
            until(lambda: self._ended() or self._leader(), 20)
            until(lambda: self._ended() or self.run("systemctl is-active multi-user.target").returncode == 0, 40)
        except AssertionError:
            return False
        return not self._ended() and self.run("python3 -c 'import venv'").returncode == 0

    def _ended(self) -> bool:
        return self._nspawn.poll() is not None

    def _leader(self) -> bool:
        """Has it begun? Its first process is nspawn's child, once that has become systemd."""
        pid = self._nspawn.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    self.leader = int(child)
                    return True
        return False

    def _stop(self) -> None:
        self._nspawn.terminate()  # an orderly shutdown
        try:
            self._nspawn.wait(20)
        except subprocess.TimeoutExpired:
            if self._leader():
                os.kill(self.leader, signal.SIGKILL)  # it would outlive nspawn
            self._nspawn.kill()
            self._nspawn.wait()

    def _console(self) -> str:
        return self.log.read_text("utf-8", "replace")[-1000:]


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Where the tree is kept: root's alone, since what is in it is run as root. One process at a time has it."""
    if not (release := _release()):
        raise Unavailable("the container is made from this machine's package mirror, and this is no Debian")
    folder = Path(f"/var/tmp/mailticket-tests-{release}-{PACKAGES.replace(',', '+')}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != 0 or found.st_mode & 0o077:
        raise Unavailable(f"{folder} is not root's own: remove it")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _trees(folder: Path) -> Iterator[Path]:
    """The kept one, if it is whole and not old; where that does not do, since it may have rotted, a new one."""
    made = folder / "tree" / MARK
    if made.exists() and time.time() - made.stat().st_mtime < KEPT_FOR:
        yield folder / "tree"
    yield _make(folder / "tree", _release())


def _make(tree: Path, release: str) -> Path:
    if tree.exists():
        shutil.rmtree(tree)
    # In a mount namespace of its own: what it mounts is gone with it, so that a tree can be removed without harm.
    command = ["unshare", "--mount", "debootstrap", "--variant=minbase", f"--include={PACKAGES}", release, tree]
    done = subprocess.run(
        [*command, _mirror(release)], capture_output=True, text=True, check=False, timeout=400, env=os.environ | FAST
    )
    if done.returncode:
        raise Unavailable(f"debootstrap makes no Debian here: {(done.stdout + done.stderr)[-1000:]}")
    (tree / MARK).touch()
    return tree


def _release() -> str:
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        return ""
    return about.get("VERSION_CODENAME", "") if about["ID"] == "debian" else ""


def _mirror(release: str) -> str:
    """Where this machine's own packages come from."""
    question = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(RELEASE) $(CODENAME)"]
    answer = subprocess.run([*question, "Created-By: Packages"], capture_output=True, text=True, check=True).stdout
    for uri, component, *names in (line.split() for line in answer.splitlines()):
        if component == "main" and release in names:
            return uri
    raise Unavailable(f"this machine's package sources have no {release} main")
