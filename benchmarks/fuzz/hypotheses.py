"""What hypothesis thinks up: facts, texts and names of any form; a hundred examples are one case."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from corpus import as_json, boxed, corpus, members
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fluidmol.errors import FluidError
from fluidmol.exchange.closing import read_closing
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.exchange.layout import parsed_reply
from fluidmol.exchange.mailbox import aside, is_proper
from fluidmol.partner.ledger_lines import read_lines
from fluidmol.partner.policy_file import from_toml
from fluidmol.trust.agreement import check
from fluidmol.trust.keys import PublicKeys
from fluidmol.values.charter import Charter
from fluidmol.values.codec import unpack

EXAMPLES = 100

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
toml_words = st.sampled_from(
    ("[", "]", "[[", "]]", "=", '"', "'''", '"""', ".", ",", "{", "}", "\n", " ", "charter", "endpoint", "party",
     "name", "teacher", "1", "1e9", "true", "nan", "1979-05-27", "seed",
     "format", "#", "\\u0041", "decimals", "labels", "hard", "quantity",
     "unit", "threshold", "direction", "relations")
)  # fmt: skip


@st.composite
def facts(draw: Callable[[Any], Any]) -> bytes:
    """Draw a container of a type that there is, in which one fact, at any depth, is anything."""
    content = members(draw(st.sampled_from(corpus().packed)))
    manifest = json.loads(content["facts.json"])
    place: Any = manifest
    while True:
        keys = list(range(len(place))) if isinstance(place, list) else sorted(place)
        if not keys:
            break
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and draw(st.booleans()):
            place = place[key]
            continue
        place[key] = draw(any_json)
        break
    return boxed({**content, "facts.json": as_json(manifest)})


def read_facts(data: bytes) -> None:
    """Read a container: refused, or one of those that were packed."""
    assert unpack(data).digest in corpus().digests


def read_text(text: str) -> None:
    """Read a text as everything that is text."""
    good = corpus()
    for read in (
        lambda: Charter.from_toml(text), lambda: from_toml(text, "policy"), lambda: PublicKeys.from_toml(text, "keys"),
        lambda: check(text, good.charter), lambda: read_closing(text, good.charter),
        lambda: read_lines(text.encode()), lambda: parsed_reply(text),
    ):  # fmt: skip
        with contextlib.suppress(FluidError):
            read()


def use_name(name: str) -> None:
    """Write under a name: refused, or within the folder."""
    assert is_proper(aside(name, "mark"))
    with TemporaryDirectory() as outer:
        place = Path(outer, "place")
        place.mkdir()
        with contextlib.suppress(FluidError):
            FolderMailbox(place).write(name, b"")
            assert FolderMailbox(place).read(name) == b""
        assert [path.name for path in Path(outer).iterdir()] == ["place"]


def _block(strategy: st.SearchStrategy[Any], act: Callable[[Any], None]) -> Callable[[random.Random], None]:
    def case(rng: random.Random) -> None:
        @seed(rng.getrandbits(64))
        @settings(
            max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        )  # fmt: skip
        @given(strategy)
        def run(value: Any) -> None:
            with contextlib.suppress(FluidError):
                act(value)

        run()

    return case


names = st.text(st.characters() | st.sampled_from("./\\~:-_ aA0"), max_size=60)
CASES = {
    "hypothesis: facts": (_block(facts(), read_facts), 2_000),
    "hypothesis: texts": (
        _block(st.lists(toml_words | st.text(max_size=3), max_size=40).map("".join), read_text),
        2_000,
    ),
    "hypothesis: names": (_block(names, use_name), 1_000),
}
"""By kind: the case, and how many examples of 100 000 there are."""
