"""TOML that others wrote."""

import time

import attrs
import pytest

from fluidmol.errors import CharterError, InputError
from fluidmol.partner.policy_file import from_toml
from fluidmol.trust.keys import PublicKeys
from fluidmol.values.charter import Charter
from fluidmol.values.toml import DOTS, read_toml

BOMBS = {
    "a dotted key": "a." * 200_000 + "b = 1",
    "in an inline table": 'x = {a = """\n""", ' + "b." * 200_000 + 'c = 1, d = ""}',
    "a header": f"[{'a.' * 200_000}b]",
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize(
    ("read", "error"),
    [(Charter.from_toml, CharterError), (from_toml, InputError), (PublicKeys.from_toml, InputError)],
    ids=["charter", "policy", "keys"],
)
def test_bombs_are_refused_unread(name, read, error):
    begun = time.process_time()
    with pytest.raises(error):
        read(BOMBS[name], "a file")
    assert time.process_time() - begun < 1


def test_as_many_dots_as_anybody_needs():
    text = "." * DOTS
    assert read_toml(f'description = "{text}"') == {"description": text}
    with pytest.raises(ValueError, match="line 2 has 101 dots"):
        read_toml(f'\ndescription = "{text}."')


def test_half_a_character_is_refused():
    table = Charter.from_preset("open").to_table()
    table["charter"]["name"] = "half of \ud83d"
    with pytest.raises(CharterError, match="half of a character"):
        Charter.from_table(table)


def test_messages_stay_short():
    with pytest.raises(CharterError) as caught:
        Charter.from_toml("x" * 100_000 + " = 1", "a file")
    assert len(str(caught.value)) < 400


def test_a_name_with_dots_is_still_the_same_charter():
    charter = attrs.evolve(Charter.from_preset("open"), name="v1.2.3")
    assert Charter.from_toml(charter.to_toml()) == charter
