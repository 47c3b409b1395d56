"""A headless Chromium that can reach nothing but us: what it asked for, what a reader sees, and a picture of it."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--virtual-time-budget=3000",
)  # fmt: skip


class Listener:
    """The only proxy that the browser knows: it answers nobody, and remembers the first line of what each asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed
                return
            with client:
                client.settimeout(2)
                try:
                    self.asked.append(client.recv(4096).split(b"\r\n")[0].decode("ascii", "replace"))
                except OSError:
                    self.asked.append("")

    def close(self) -> None:
        self._socket.close()

    def of(self, host: str) -> list[str]:
        return [line for line in self.asked if host in line]


@dataclass(frozen=True)
class Seen:
    """`text` is what is painted, `dom` the page after all that could run has run."""

    text: str
    dom: str
    picture: bytes  # PNG
    asked: tuple[str, ...]


def look_at(page: str, *, size: tuple[int, int] = (900, 1200)) -> Seen:
    """Open a page as a mail client's browser would, with scripts and pictures switched on."""
    listener = Listener()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.html"
            path.write_text(page, encoding="utf-8")
            pdf, png = path.with_suffix(".pdf"), path.with_suffix(".png")
            dom = _run(folder, listener.port, "--dump-dom", path.as_uri())
            _run(folder, listener.port, f"--print-to-pdf={pdf}", path.as_uri())
            window = f"--window-size={size[0]},{size[1]}"
            _run(folder, listener.port, f"--screenshot={png}", window, path.as_uri())
            text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60)
            return Seen(text.stdout.decode(), dom, png.read_bytes(), tuple(listener.asked))
    finally:
        listener.close()


def glance(page: str, *, size: tuple[int, int], dark: bool, picture: Path | None = None) -> str:
    """The page after all that could run has run, for who likes it light or dark; by one start, with its `picture`."""
    listener = Listener()
    more = [f"--window-size={size[0]},{size[1]}", "--dump-dom"]
    more += ["--force-dark-mode"] if dark else []
    more += [f"--screenshot={picture.resolve()}"] if picture else []
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page.html"
            path.write_text(page, encoding="utf-8")
            return _run(folder, listener.port, *more, path.as_uri())
    finally:
        listener.close()


def _run(folder: str, proxy: int, *more: str) -> str:
    # "<-loopback>": what is asked of this machine goes to the proxy, too.
    way = (f"--proxy-server=127.0.0.1:{proxy}", "--proxy-bypass-list=<-loopback>")
    profile = f"--user-data-dir={folder}/profile"
    ran = subprocess.run(
        ["chromium", *QUIET, profile, *way, *more], check=True, capture_output=True, timeout=90, cwd=folder
    )
    return ran.stdout.decode()
