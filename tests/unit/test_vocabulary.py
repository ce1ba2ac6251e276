"""The reserved words of docs/vocabulary.md: one word an idea, and what they name exists."""

import re
from collections import Counter
from pathlib import Path
from pkgutil import resolve_name

import attrs
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "vocabulary.md"
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.count("|") == 5 and not line.startswith(("| word |", "|---"))
]
CODE = [re.fullmatch(r"`([\w.]+)`", row[2])[1] for row in ROWS if row[2]]


def test_every_word_has_one_meaning():
    assert len(ROWS) > 60
    assert [word for word, times in Counter(row[0] for row in ROWS).items() if times > 1] == []
    assert [row[0] for row in ROWS if not row[1]] == []


def test_no_name_in_the_code_has_two_words():
    assert [name for name, times in Counter(CODE).items() if times > 1] == []


@pytest.mark.parametrize("name", CODE)
def test_name_exists_in_the_package(name):
    name = name if name.startswith("fluidmol_drop") else f"fluidmol.{name}"
    try:
        assert resolve_name(name) is not None
    except AttributeError:  # a field of attrs is none of its class's attributes
        owner, _, field = name.rpartition(".")
        assert field in attrs.fields_dict(resolve_name(owner))


def test_every_public_type_is_in_the_list():
    import fluidmol  # noqa: PLC0415 - its names are loaded when asked for

    listed = {name.rpartition(".")[2] for name in CODE}
    missing = {name for name in fluidmol.__all__ if isinstance(getattr(fluidmol, name), type)} - listed
    assert missing <= {"FluidError", "LocalChannel"}, f"public names without a word in docs/vocabulary.md: {missing}"
