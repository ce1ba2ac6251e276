"""``party.toml``: how a company takes part, in one file that its people read, and that commands take options from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import InputError
from fluidmol.values.files import read_text_file
from fluidmol.values.parts import nearest
from fluidmol.values.toml import read_toml

NAME = "party.toml"
"""What the file is called, where it isn't named."""

LARGEST = 1 << 16
"""Most bytes of it."""

HEAD = """\
How we take part in a consortium. Commands that are run in this folder take from here what isn't given to them:
fluid answer needs no option then. Paths begin at this file. Check it with: fluid party check"""


@attrs.frozen
class Item:
    """One entry that a section may have."""

    kind: type
    """str, int, float or bool; Path for a file; list for a list of files."""

    words: str
    """What it means."""

    example: str = ""
    """A value, as TOML has it, for a new file."""


SECTIONS: dict[str, dict[str, Item]] = {
    "party": {
        "name": Item(str, "Our name in the consortium."),
        "key": Item(Path, "Our private key file. It never leaves."),
        "passphrase_file": Item(Path, "File whose first line is its passphrase, where nobody types it.", '"..."'),
    },
    "place": {
        "address": Item(
            str, "Where the consortium meets: a folder, or an https://, s3:// or sftp:// address.", '"../share"'
        ),
        "identity": Item(Path, "For servers: folder with our client certificate, of fluid enrol.", '"identity"'),
        "charter_digest": Item(
            str, "The charter's digest, as the coordinator told us by telephone: any other is refused.", '"..."'
        ),
    },
    "data": {
        "file": Item(Path, "Our labelled molecules: CSV, TSV, SMI, SDF, Parquet or Excel.", '"assay.csv"'),
        "smiles_column": Item(str, "Columns, where they can't be found by their usual names.", '"smiles"'),
        "active_column": Item(str, "The classes.", '"active"'),
        "value_column": Item(str, "Or potencies, with the threshold and its unit.", '"IC50 (nM)"'),
        "threshold": Item(float, "Potency at which a compound counts as active.", "10"),
        "unit": Item(str, "Its unit: M, mM, uM, nM, pM, or p.", '"uM"'),
        "value_unit": Item(str, "Unit of the values, where the file states none.", '"nM"'),
        "units_column": Item(str, "Column of the values' units.", '"Units"'),
        "relation_column": Item(str, "Column of the relations (<, >).", '"Relation"'),
        "decimal": Item(str, "Decimal mark of the values.", '"."'),
        "sheet": Item(str, "Sheet of an Excel file.", '"Sheet1"'),
        "benchmarks": Item(list, "Public labelled sets, to judge our models on for the scorecard.", '["public.csv"]'),
    },
    "model": {
        "teacher": Item(
            str, "A model of our own, one of three: a scikit-learn estimator, as module:object.", '"our_models:forest"'
        ),
        "program": Item(str, "A program that reads SMILES and writes probabilities.", '"python predict.py"'),
        "predictions": Item(Path, "A file of predictions.", '"predictions.csv"'),
        "teacher_input": Item(str, "What the estimator is given: features, dense or smiles.", '"features"'),
        "batch": Item(int, "Molecules that one run of the program gets.", "10000"),
        "limit": Item(float, "Seconds that one batch may take.", "3600"),
        "least_coverage": Item(float, "Share of the transfer set that the predictions must cover.", "0.5"),
        "probability_column": Item(str, "Column of the predictions' file.", '"p"'),
        "probability_of": Item(str, "Whose probability it states: active or predicted.", '"active"'),
        "confidence_column": Item(str, "Column of the predictions' file.", '"confidence"'),
        "weight": Item(float, "Weight, 0 to 1, where program or file state no confidence.", "0.3"),
        "unseen": Item(bool, "Whether program or file haven't learnt from our compounds.", "true"),
    },
    "release": {
        "policy": Item(Path, "What may leave."),
        "ledger": Item(Path, "What has left: one ledger for all keys and charters."),
    },
    "results": {
        "home": Item(Path, "Our folder for the consortium; NAME-<charter> beside the key by default.", '"home"'),
        "hybrid": Item(Path, "Our hybrid, as fluid hybrid fit makes it and fluid predict asks it."),
        "audit": Item(Path, "What attacks find out from our release, as fluid audit writes it."),
    },
}
"""What each entry means, in the order in which a new file has them."""


@attrs.frozen
class PartyFile:
    r"""A company's settings, checked.

    Examples
    --------
    >>> found = PartyFile.from_toml('[party]\nname = "ada"\nkey = "ada.key"', Path("at/party.toml"))
    >>> found.get("party", "key")
    PosixPath('at/ada.key')
    """

    path: Path
    """The file."""

    table: Mapping[str, Mapping[str, Any]] = attrs.field(repr=False)
    """Its sections; paths begin where it begins."""

    @classmethod
    def from_toml(cls, text: str, path: Path) -> PartyFile:
        """Read a text; what isn't known is refused.

        Parameters
        ----------
        text : str
        path : Path
            Where it lies: paths in it begin there.

        Raises
        ------
        InputError
            If it isn't TOML, or has an unknown entry or one of the wrong kind; the message names the nearest.
        """
        try:
            found = read_toml(text)
        except (ValueError, RecursionError) as problem:
            raise InputError(f"{path} isn't TOML: {problem}", hint="See a new one: fluid party new.") from problem
        return cls(path, {name: dict(_section(name, table, path)) for name, table in found.items()})

    @classmethod
    def read(cls, path: Path) -> PartyFile:
        """Read a file.

        Raises
        ------
        MissingFileError
            If there is none, or it can't be read.
        InputError
            As :meth:`from_toml`.
        """
        text = read_text_file(path, LARGEST, what="the settings", make="Make some with: fluid party new.")
        return cls.from_toml(text, path)

    def get(self, section: str, entry: str) -> Any:
        """Return an entry; None if the file doesn't have it."""
        return self.table.get(section, {}).get(entry)

    @property
    def address(self) -> str | None:
        """Where the consortium meets; a folder's path begins at the file."""
        found = self.get("place", "address")
        return found if found is None or "://" in found else str(self.path.parent / found)

    def home(self) -> Path | None:
        """Return one's folder for this consortium, if it can be told which one it is.

        Where it isn't named, and several consortia have one beside the key, the charter's digest tells.
        """
        found = self._homes()
        return found[0] if len(found) == 1 else None

    def labelled_home(self) -> Path | None:
        """Return the folder whose labels are meant: the only one, or of several the only one that has labels yet."""
        found = self._homes()
        if len(found) > 1:
            found = [path for path in found if (path / "labels.fluid").is_file()]
        return found[0] if len(found) == 1 else None

    def _homes(self) -> list[Path]:
        named = self.get("results", "home")
        if named is not None:
            return [Path(named)]
        key, name = self.get("party", "key"), self.get("party", "name")
        if key is None or name is None:
            return []
        digits = str(self.get("place", "charter_digest") or "").lower().removeprefix("sha256:")[:12]
        homes = Path(key).parent.glob(f"{name}-{digits or '*'}")
        return [path for path in homes if (path / "charter.toml").is_file()]


def new_party_file(given: Mapping[tuple[str, str], str]) -> str:
    """Write a new file: what is given, and the rest as comments.

    Parameters
    ----------
    given : mapping of (section, entry) to str
        Plain texts.

    Examples
    --------
    >>> text = new_party_file({("party", "name"): "ada", ("party", "key"): "ada.key"})
    >>> PartyFile.from_toml(text, Path("party.toml")).table["party"]["name"]
    'ada'
    """
    blocks = ["\n".join(f"# {line}" for line in HEAD.splitlines())]
    for section, items in SECTIONS.items():
        lines = [f"[{section}]"]
        for entry, item in items.items():
            value = given.get((section, entry))
            said = f"# {entry} = {item.example}" if value is None else f"{entry} = {_quoted(value)}"
            if value is not None or item.example:
                lines.append(f"# {item.words}\n{said}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'


def _section(name: str, table: object, path: Path) -> Iterator[tuple[str, Any]]:
    known = SECTIONS.get(name)
    if known is None:
        raise InputError(f"{path} has an unknown section [{name}]", hint=nearest(name, SECTIONS))
    if not isinstance(table, dict):
        raise InputError(f"{path}: {name} is {table!r}", hint=f"Expected a section: [{name}].")
    for entry, value in table.items():
        item = known.get(entry)
        if item is None:
            raise InputError(f"{path} has an unknown entry {entry!r} in [{name}]", hint=nearest(entry, known))
        yield entry, _checked(f"{entry} in [{name}]", value, item, path)


def _checked(what: str, value: object, item: Item, path: Path) -> Any:
    folder = path.parent
    if item.kind is Path and isinstance(value, str) and value:
        return folder / value
    if item.kind is list and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [folder / each for each in value]
    if item.kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if item.kind in (str, int, bool) and type(value) is item.kind and value != "":
        return value
    expected = {Path: "a path in quotation marks", list: "a list of paths", float: "a number", int: "a whole number"}
    words = {**expected, bool: "true or false", str: "a text in quotation marks"}[item.kind]
    raise InputError(f"{path}: {what} is {value!r}", hint=f"Expected {words}.")
