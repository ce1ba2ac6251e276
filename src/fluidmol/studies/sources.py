"""Which public data can be fetched: the manifest ``sources.toml``, and how to fetch what it names."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import attrs

from fluidmol.errors import UsageError
from fluidmol.studies.chembl import fetch_activities
from fluidmol.studies.downloads import Fetched, download
from fluidmol.studies.resume import Progress
from fluidmol.studies.web import Patience
from fluidmol.values.parts import nearest
from fluidmol.values.places import cache_folder


@attrs.frozen
class SourceFile:
    """One file of a source."""

    path: str
    """Path below the source's address, with slashes; the file is kept under its last part."""

    sha256: str = ""
    """64 hexadecimal digits, or empty where it isn't known beforehand."""

    @property
    def name(self) -> str:
        """Name under which it is kept."""
        return self.path.rsplit("/", 1)[-1]


@attrs.frozen
class DataSource:
    """One public data set: what it is, whose it is, and where it is.

    Examples
    --------
    >>> sources()["herg-chembl"].query["target_chembl_id"]
    'CHEMBL240'
    """

    name: str
    """What ``fluid data fetch`` calls it."""

    title: str
    """What it is, for people."""

    kind: str = attrs.field(validator=attrs.validators.in_(("files", "chembl-activities")))
    """``files``, fetched as they are, or ``chembl-activities``, fetched page by page into one CSV file."""

    licence: str
    """Terms of use."""

    citation: str
    """What to cite, with a DOI."""

    address: str
    """Where its files or its web API are."""

    files: tuple[SourceFile, ...]
    """What is kept."""

    query: dict[str, str] = attrs.field(factory=dict)
    """What is asked of a web API."""

    def addresses(self, base_url: str = "") -> list[str]:
        """Give where each file is; for a web API, where the API is.

        Examples
        --------
        >>> sources()["herg-chembl"].addresses("http://localhost:8000/")
        ['http://localhost:8000']
        """
        address = (base_url or self.address).rstrip("/")
        return [f"{address}/{file.path}" for file in self.files] if self.kind == "files" else [address]

    def fetch(
        self,
        folder: Path | None = None,
        base_url: str = "",
        progress: Progress | None = None,
        patience: Patience | None = None,
    ) -> list[Fetched]:
        """Fetch what isn't there yet.

        Parameters
        ----------
        folder : Path, optional
            The files go into the folder in it that bears the source's name; :func:`data_folder` by default.
        base_url : str, optional
            A mirror's address, instead of the source's own.
        progress : callable, optional
            As for :func:`~fluidmol.studies.downloads.download`.
        patience : Patience, optional
            How long to wait, and how often to try again.

        Returns
        -------
        list of Fetched
            In the order of :attr:`files`.

        Raises
        ------
        UnavailableError
            If the network or the server fails.
        InputError
            If a file isn't the expected one.
        OutputError
            If the folder can't be written.
        """
        place = (folder or data_folder()) / self.name
        addresses = self.addresses(base_url)
        if self.kind == "chembl-activities":
            return [fetch_activities(addresses[0], self.query, place / self.files[0].name, progress, patience)]
        return [
            download(address, place / file.name, file.sha256, progress, patience)
            for address, file in zip(addresses, self.files, strict=True)
        ]


def data_folder() -> Path:
    """Give the folder where fetched data is kept unless another one is named."""
    return cache_folder() / "data"


def sources() -> dict[str, DataSource]:
    """Read the manifest.

    Returns
    -------
    dict of str to DataSource
        By name.
    """
    return {entry["name"]: _source(entry) for entry in _manifest()["source"]}


def chosen(name: str) -> list[DataSource]:
    """Give the sources that a name stands for: one, or those of a collection.

    Raises
    ------
    UsageError
        If there is no such source and no such collection; the message names the nearest.

    Examples
    --------
    >>> [source.name for source in chosen("herg")]
    ['herg-chembl', 'herg-ctoxpred']
    """
    known = sources()
    collections: dict[str, list[str]] = _manifest()["collections"]
    if name in collections:
        return [known[member] for member in collections[name]]
    if name not in known:
        raise UsageError(f"unknown data set {name!r}", hint=nearest(name, (*collections, *known)))
    return [known[name]]


def _manifest() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("sources.toml").read_text(encoding="utf-8"))


def _source(entry: dict[str, Any]) -> DataSource:
    rest = {key: value for key, value in entry.items() if key != "file"}
    return DataSource(**rest, files=tuple(SourceFile(**file) for file in entry["file"]))
