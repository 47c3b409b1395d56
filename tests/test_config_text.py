"""The finder of line numbers follows TOML through every way to write a value."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from mailticket.config_text import line_numbers, line_of


def test_lines_are_found_through_every_way_to_write_a_value():
    text = '''\
top = 1  # [not.a.table]
"quoted key" = """
[nor.this]
x = "1"
""""
[a."b.c"]
list = [  # ]
  "x]", 'y"',

  { deep = 1 }, [1,
  2],
]
dotted.key = '\\'
[[t]]
n = 1
[t.sub]
m = 1
[[t]]
n = 2
[t.sub]
m = 2
'''
    tomllib.loads(text)
    lines = line_numbers(text)
    found = {
        ("top",): 1, ("quoted key",): 2, ("a", "b.c"): 6, ("a", "b.c", "list"): 7, ("a", "b.c", "list", 1): 8,
        ("a", "b.c", "list", 2): 10, ("a", "b.c", "list", 3): 10, ("a", "b.c", "dotted", "key"): 13,
        ("t", 0): 14, ("t", 0, "n"): 15, ("t", 0, "sub", "m"): 17, ("t", 1): 18, ("t", 1, "sub", "m"): 21,
    }  # fmt: skip
    assert {path: lines.get(path) for path in found} == found
    assert line_of(lines, ("t", 1, "missing", "deeper")) == 18
    assert line_of(lines, ("nothing",)) is None


@given(
    st.lists(
        st.sampled_from(["[", "]", '"', "'", "=", "a", ".", "\n", "#", "{", "}", ",", "\\", " ", '"""']), max_size=40
    )
)
def test_the_line_finder_ends_and_never_raises_whatever_the_text(parts):
    text = "".join(parts)
    assert all(1 <= line <= text.count("\n") + 1 for line in line_numbers(text).values())
