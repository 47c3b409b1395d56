"""Whatever a client writes above a quote or below a person's words is found in each language, and no more than that.

Each row of each table of `core` is shown by a case here: without it a case goes wrong.
"""

from itertools import combinations

import pytest
from footed_by import DEVICES, LEGAL, LINES, LISTS, NOTICES, TITLES
from quoted_blocks import BEGUN, BELOW, DASHED, LABELS, ORDERS
from quoted_by import ATTRIBUTED, SAID, SPARE

from mailticket.core import attributions, blocks, footers, text
from mailticket.core.text import new_words

WORDS = "It works.\n\nThank you"
THEIRS = "their words\n\nand more"
VALUES = ("Support <support@desk.example>", "3.6.2024 10:00", "Anna Novak", "Boris", "Printer")


def quoted(text):
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def block(labels):
    return "\n".join(f"{label}: {value}" for label, value in zip(labels.split("|"), VALUES, strict=True) if label)


def fewest(labels):
    """The least that is a block: who, and two of the others."""
    sender, *others = labels.split("|")
    for two in combinations(range(4), 2):
        yield "|".join([sender, *(label if n in two else "" for n, label in enumerate(others))])


def cases():
    """Mails with their new words: (what it is, text, new words)."""
    for language, client, line in ATTRIBUTED:
        yield f"{language} {client}", f"{WORDS}\n\n{line}\n\n{quoted(THEIRS)}\n", WORDS
        yield f"{language} {client}, without >", f"{WORDS}\n\n{line}\n\n{THEIRS}", WORDS
        yield f"{language} {client}, close", f"{WORDS}\n\n{line}\n{THEIRS}", WORDS
    for language, line in (*SPARE, *SAID):
        yield f"{language} {line}", f"{WORDS}\n\n{line}\n{quoted(THEIRS)}", WORDS
    for language, line in SPARE:
        yield f"{language} {line}, without >", f"{WORDS}\n\n{line}\n\n{THEIRS}", WORDS
    for language, client, labels in LABELS:
        yield f"{language} {client}", f"{WORDS}\n\n{block(labels)}\n\n{THEIRS}", WORDS
        for few in fewest(labels):
            yield f"{language} {client}: {few}", f"{WORDS}\n\n{block(few)}\n\n{THEIRS}", WORDS
    for client, found in ORDERS.items():
        yield client, f"{WORDS}\n\n________________________________\n{found}\n\n{THEIRS}", WORDS
    for language, line in (*DASHED, *BEGUN):
        yield f"{language} {line}", f"{WORDS}\n\n{line}\n\n{THEIRS}", WORDS
    for language, line in BELOW:
        all_of_it = f"{line}\n\n{block(LABELS[0][2])}\n\nIs it on? Yes, it is."
        yield f"{language} {line}", all_of_it, all_of_it
    yield from footed()


def footed():
    for language, line in (*LINES, *LEGAL, *NOTICES):
        yield f"{language} {line}", f"{WORDS}\n\n{line}\n", WORDS
        yield f"{language} {line} above a quote", f"{WORDS}\n\n{line}\n\n{quoted(THEIRS)}\n", WORDS
    for device in DEVICES:
        yield f"device {device}", f"{WORDS}\n\nSent from {device}", WORDS
    for title in TITLES:
        yield f"title {title}", f"{WORDS}\n\n{title}\n\n{LEGAL[0][1]}", WORDS
    for line in LISTS:
        yield f"list {line}", f"{WORDS}\n\n{quoted(THEIRS)}\n\n{line}", WORDS


CASES = {name: (text, words) for name, text, words in cases()}


@pytest.mark.parametrize("name", CASES)
def test_of_a_mail_in_any_language_the_new_words_are_left(name):
    full, words = CASES[name]
    assert new_words(full) == words


def leaves(table, at=()):
    """Each row of a table, with the table as it is without it. A row's first member is its language."""
    for number, row in enumerate(table):
        rest = (*table[:number], *table[number + 1 :])
        if isinstance(row, str) or isinstance(row[1], str):
            yield row, rest
            continue
        for column, words in enumerate(row):
            for place, word in enumerate(words if column else ()):
                cut = tuple(w for n, w in enumerate(words) if n != place)
                without = [*row[:column], cut, *row[column + 1 :]]
                changed = row._make(without) if hasattr(row, "_make") else tuple(without)
                yield (row[0], word), (*table[:number], changed, *table[number + 1 :])


def terms(table):
    """A disclaimer's row goes as a whole: any three of its words will do."""
    return ((row, (*table[:number], *table[number + 1 :])) for number, row in enumerate(table))


TABLES = (
    (attributions, "ATTRIBUTIONS", leaves),
    (blocks, "HEADER_BLOCKS", leaves),
    (blocks, "ORIGINALS", leaves),
    (blocks, "BEGINNINGS", leaves),
    (text, "BELOW", leaves),
    (footers, "PROGRAMS", leaves),
    (footers, "SENDINGS", leaves),
    (footers, "DEVICES", leaves),
    (footers, "DISCLAIMERS", terms),
    (footers, "NOTICES", leaves),
    (footers, "TITLES", leaves),
)


@pytest.mark.parametrize(("module", "table", "rows"), TABLES, ids=[table for _, table, _ in TABLES])
def test_without_any_row_of_a_table_a_case_goes_wrong(module, table, rows, monkeypatch):
    unshown = []
    for row, rest in rows(getattr(module, table)):
        monkeypatch.setattr(module, table, rest)
        language = str(row[0]) if table not in {"DEVICES", "TITLES"} else "device" if table == "DEVICES" else "title"
        likely = [c for n, c in CASES.items() if n.split(" ")[0] in language]
        if not any(new_words(full) != words for full, words in likely):
            unshown.append(row)
    assert not unshown
