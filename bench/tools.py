"""What the benchmarks measure with: corpora, a fast client, a fast sink, the yardstick, memory and disk."""

from __future__ import annotations

import json
import mmap
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from daemon import ADDRESS, until
from ports import unused_port

# The yardstick: stock aiosmtpd that says yes and does nothing.
NULL_SERVER = """
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Null:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Null(), hostname="null", loop=loop), "127.0.0.1", int(sys.argv[1]), backlog=512)
    await server.serve_forever()

asyncio.run(main())
"""  # noqa: E501 - a program in itself


class Tools:
    """The load tools of a folder, compiled into another one, and the two sets of 500 messages made by them."""

    def __init__(self, source: Path, work: Path) -> None:
        missing = [n for n in ("smtpblast.c", "smtpsink.c", "gen_corpus.py") if not (source / n).is_file()]
        if missing:
            sys.exit(f"bench: {source} has no {missing[0]}; name the folder of the load tools with --load DIR")
        if shutil.which("gcc") is None:
            sys.exit("bench: gcc is needed to compile the load tools")
        self.work = work
        for name in ("smtpblast", "smtpsink"):
            command = ["gcc", "-O2", "-w", "-pthread", "-o", str(work / name), str(source / f"{name}.c")]
            subprocess.run(command, check=True)
        subprocess.run(
            [sys.executable, str(source / "gen_corpus.py"), str(work)], check=True, stdout=subprocess.DEVNULL
        )

    def blast(self, corpus: str, port: int, *, connections: int, count: int, base: int = 0) -> float:
        """Send so many mails over kept connections; how many were accepted a second."""
        command = [str(self.work / "smtpblast"), "-d", "-s", str(connections), "-m", str(count), "-p", str(port)]
        command += ["-b", str(base), "-r", ADDRESS, str(self.work / corpus)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if ran.returncode:
            sys.exit(f"bench: mails were refused: {ran.stdout} {ran.stderr}")
        return float(json.loads(ran.stdout)["rate"])

    def letters(self, corpus: str) -> list[bytes]:
        return [path.read_bytes() for path in sorted((self.work / corpus).glob("*.eml"))]


class Program:
    """A helper process that listens on a port of its own while the `with` lasts."""

    def __init__(self, command: Callable[[int], list[str]]) -> None:
        self.port = unused_port()
        self._process = subprocess.Popen(command(self.port))

    def __enter__(self) -> Program:  # noqa: PYI034 - it is not made to be derived from
        until(lambda: _listens(self.port), 10, "a helper does not listen")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def null_server() -> Program:
    return Program(lambda port: [sys.executable, "-c", NULL_SERVER, str(port)])


class Sink(Program):
    """Takes all mail, in C: a sink in Python would be what is measured."""

    def __init__(self, tools: Tools) -> None:
        self._counts = tools.work / f"taken-{time.monotonic_ns()}"
        super().__init__(lambda port: [str(tools.work / "smtpsink"), str(port), str(self._counts)])

    def taken(self) -> int:
        with self._counts.open("rb") as file, mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ) as view:
            return int(struct.unpack("<Q", view[:8])[0])


def _listens(port: int) -> bool:
    # Looked up, not tried: a connection of ours would be one of those that are counted.
    wanted = f":{port:04X} "
    lines = Path("/proc/net/tcp").read_text().splitlines()
    return any(wanted in line and line.split()[3] == "0A" for line in lines)


@dataclass
class Memory:
    """The most that a daemon's processes held together, in MB. RSS counts shared pages once a process, PSS once."""

    pids: Callable[[], dict[str, int]]
    rss: float = 0.0
    pss: float = 0.0
    parts: str = ""

    def __enter__(self) -> Memory:  # noqa: PYI034 - it is not made to be derived from
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            held = {part: _held(pid) for part, pid in self.pids().items()}
            rss, pss = (sum(one[n] for one in held.values()) for n in (0, 1))
            if rss > self.rss:
                self.parts = ", ".join(f"{part} {one[0]:.0f}" for part, one in held.items())
            self.rss, self.pss = max(self.rss, rss), max(self.pss, pss)


def _held(pid: int) -> tuple[float, float]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0, 0.0  # it ended meanwhile
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines[1:]}
    return sizes["Rss:"], sizes["Pss:"]


def fsyncs(folder: Path, seconds: float = 1.0) -> float:
    """How often a second the disk takes 4 KB and says that they are safe."""
    path = folder / "fsync"
    count = 0
    with path.open("wb", buffering=0) as file:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return count / seconds
