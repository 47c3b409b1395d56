"""The house keeps its shape: who may import whom, how long a file may be, and where clock and chance come from."""

import ast
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mailticket"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 60

# A layer may import those below it. `cli` is above all; what stands on one line does not know each other.
LAYERS = (
    ("cli", "__main__", "demo", "demo_parts"),
    ("running",),
    ("service", "supervisor", "door", "desk"),
    (
        "jobs",
        "worker",
        "intake",
        "deliver",
        "reading",
        "dns",
        "checking",
        "explaining",
        "loop",
        "config",
        "templates_files",
        "logs",
    ),
    ("telling", "morning", "mailbox_watch"),  # worker and jobs both tell of the quarantine
    ("store", "reader", "tokens"),
    ("core", "errors", "settings", "process"),
)  # fmt: skip
TOGETHER = (
    {"service", "supervisor", "door", "desk"},  # the processes are parts of the service
    {"core", "errors"},
    {"settings", "core"},
    {"checking", "dns", "reading", "explaining"},  # the reader checks with what DNS says
    {"cli", "__main__", "demo", "demo_parts"},
)
# Libraries that do no input or output: all that core may use beside the standard library.
PURE_LIBRARIES = {"mailparser", "nh3", "inscriptis", "jinja2", "markupsafe", "holidays", "lxml", "flufl"}
PURE_LIBRARIES |= {"lingua"}
PURE_LIBRARIES |= {"dkim"}  # its DNS is handed in; it imports dnspython, and asks it nothing
PURE_STANDARD = {
    "__future__", "ast", "base64", "binascii", "bisect", "calendar", "codecs", "collections", "contextlib",
    "dataclasses", "datetime", "difflib", "email", "enum", "functools", "hashlib", "hmac", "html", "inspect", "io",
    "ipaddress", "itertools", "json", "logging", "math", "mimetypes", "operator", "quopri", "re", "string", "struct",
    "textwrap", "types", "typing", "unicodedata", "urllib", "zoneinfo",
}  # fmt: skip
ONLY_IN = {
    "peewee": ("store",),
    "playhouse": ("store",),
    "sqlite3": ("store",),
    "aiosmtpd": ("intake/smtp.py",),
    "imapclient": ("intake/imap.py",),
    "smtplib": ("deliver", "cli", "demo"),
    "http": ("tokens_ask.py",),
    "asyncio": ("intake", "door.py"),
    "apscheduler": ("jobs.py",),
    "pydantic": ("config",),
    "click": ("cli",),
    "dkim": ("core/dkim_check.py",),
    "dns": ("dns.py",),
    "flufl": ("core/report_words.py",),
    "lingua": ("core/language.py",),
}
CLOCK_AND_CHANCE = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime"), ("os", "urandom"),
    ("uuid", "uuid1"), ("uuid", "uuid4"),
}  # fmt: skip
CHANCE_MODULES = {"random", "secrets", "uuid"}
MAY_USE_THE_CLOCK = {"service.py", "demo.py"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports_of(path: Path) -> set[tuple[str, ...]]:
    """The full dotted names that a module imports, relative ones resolved."""
    found: set[tuple[str, ...]] = set()
    package = ("mailticket", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            found |= {(*base, alias.name) for alias in node.names}
    return found


def layer(room: str) -> int:
    for number, rooms in enumerate(LAYERS):
        if room in rooms or any(room.startswith(f"{r}_") for r in rooms):
            return number
    pytest.fail(f"{room} stands in no layer: add it to LAYERS, and to README's page if it is a new room")


def wrong_imports(wrong: Callable[[Path, tuple[str, ...]], bool]) -> list[str]:
    return [f"{name_of(p)} imports {'.'.join(t)}" for p in MODULES for t in sorted(imports_of(p)) if wrong(p, t)]


def nodes(path: Path, *kinds: type[ast.AST]) -> list[Any]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, kinds)]


def test_a_module_imports_only_from_layers_below_its_own():
    def wrong(path: Path, target: tuple[str, ...]) -> bool:
        room = room_of(path)
        if room == "__init__" or target[0] != "mailticket" or len(target) < 2 or target[1] in {"__version__", room}:
            return False
        other = target[1]
        same = any({room, other} <= group for group in TOGETHER) or other.startswith(f"{room.split('_')[0]}_")
        return not same and layer(other) <= layer(room)

    assert wrong_imports(wrong) == []


def test_core_uses_only_what_does_no_input_or_output():
    allowed = PURE_STANDARD | PURE_LIBRARIES | {"mailticket"}
    assert wrong_imports(lambda path, target: room_of(path) == "core" and target[0] not in allowed) == []


def test_each_library_is_known_in_one_place():
    def wrong(path: Path, target: tuple[str, ...]) -> bool:
        return target[0] in ONLY_IN and not name_of(path).startswith(ONLY_IN[target[0]])

    assert wrong_imports(wrong) == []


def test_clock_and_chance_come_from_the_service_only():
    others = [p for p in MODULES if name_of(p) not in MAY_USE_THE_CLOCK and not name_of(p).startswith("demo_parts/")]
    assert wrong_imports(lambda path, target: path in others and target[0] in CHANCE_MODULES) == []
    used = [(path, node) for path in others for node in nodes(path, ast.Attribute) if isinstance(node.value, ast.Name)]
    found = [(path, node) for path, node in used if (node.value.id, node.attr) in CLOCK_AND_CHANCE]
    assert [f"{name_of(path)}:{node.lineno}" for path, node in found] == []


def test_no_file_is_longer_than_300_lines():
    files = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
    assert [str(path) for path in files if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_function_is_too_long_to_read_at_once():
    functions = [(path, node) for path in MODULES for node in nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)]
    long = [(path, node) for path, node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    assert [f"{node.name} in {name_of(path)}" for path, node in long] == []


def test_every_module_says_in_its_first_line_what_lives_there():
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree_of(path))] == []


def test_the_shape_test_sees_a_wrong_import(tmp_path):
    """A check that cannot fail is a defect: the functions above find what they look for."""
    assert layer("core") > layer("store") > layer("worker") > layer("service") > layer("cli")
    assert "os" not in PURE_STANDARD
    assert "socket" not in PURE_STANDARD
    assert ("mailticket", "store", "db", "Db") in imports_of(PACKAGE / "worker.py") | imports_of(PACKAGE / "desk.py")
    assert sys.version_info >= (3, 11)
