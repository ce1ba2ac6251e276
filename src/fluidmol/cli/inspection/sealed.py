"""Sealed files: what can be said of them without opening them."""

from __future__ import annotations

from collections import Counter

from fluidmol.cli.inspection.shown import Shown
from fluidmol.cli.plain import plain, size

LINES = 1000
"""Lines of an age header that are looked at."""


def sealed(data: bytes) -> Shown:
    r"""Say what the header of a sealed file says.

    Examples
    --------
    >>> sealed(b"age-encryption.org/v1\n-> X25519 abc\ndef\n--- mac\n").facts[0]
    ('keys', '1 of kind X25519')
    """
    kinds: Counter[str] = Counter()
    ended = False
    for line in data.split(b"\n", LINES)[1:LINES]:
        if line.startswith(b"---"):
            ended = True
            break
        if line.startswith(b"-> "):
            kinds[line.split(b" ")[1].decode("ascii", "replace")] += 1
    # Tools add stanzas of made-up kinds, so that readers don't rely on there being only known ones.
    known = {kind: n for kind, n in kinds.items() if kind in ("X25519", "scrypt", "ssh-ed25519", "ssh-rsa")}
    said = ", ".join(f"{n} of kind {plain(kind, 40)}" for kind, n in known.items()) or "none that is known"
    facts = (("keys", said), ("size", size(len(data))))
    remarks = (
        "Whose keys these are can't be told from the file; fluid seals replies to the coordinator that the charter"
        " names, and labels to all of its parties. With the key of one, --key NAME.key opens it.",
        "Nobody but them can read what is in it, who wrote it or whether it is whole. Its name isn't protected.",
    )
    if not ended:
        from fluidmol.errors import InputError  # noqa: PLC0415

        problem = InputError("the header of the sealed file has no end", hint="It is damaged: ask for it again.")
        return Shown("A sealed file (age)", facts, remarks=remarks, problem=problem)
    return Shown("A sealed file (age)", facts, remarks=remarks)
