"""``fluid transfer``: build, read and check transfer sets that are picked from large pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fluidmol.cli import files, options
from fluidmol.cli.option_groups import in_place_of

if TYPE_CHECKING:
    from fluidmol.chem.intake.cache import StandardCache
    from fluidmol.chem.pool.building import PickRequest
    from fluidmol.chem.pool.known_sets import KnownSet
    from fluidmol.chem.pool.private_directions import PrivateDirections

app = typer.Typer(no_args_is_help=True, help="Transfer sets from pools of millions: build, read and check them.")

Folder = Annotated[Path, typer.Argument(help="Folder of a transfer set.", readable=False)]

_REQUEST: dict[str, tuple[Any, Any]] = {
    "size": (Annotated[int, typer.Option(help="Molecules to pick.")], ...),
    "method": (
        Annotated[str, typer.Option(help="random, tiling, near, maxmin or sphere-exclusion.", show_default=True)],
        "random",
    ),
    "setting": (
        Annotated[
            list[str] | None, typer.Option("--set", help="Option of the method, such as share=0.8; may be repeated.")
        ],
        None,
    ),
    "seed": (Annotated[int, typer.Option(help="Of all that is random.")], 0),
    "min_atoms": (Annotated[int, typer.Option(help="Fewest heavy atoms.")], 4),
    "max_atoms": (Annotated[int, typer.Option(help="Most heavy atoms.")], 75),
    "max_weight": (Annotated[float, typer.Option(help="Largest molecular weight, in g/mol.")], 1000.0),
    "elements": (Annotated[str, typer.Option(help="Symbols of the elements that may occur, with blanks between; "
                                             "H C N O F Si P S Cl Se Br I by default.", show_default=False)], ""),
    "near_duplicate": (
        Annotated[float, typer.Option(help="Similarity to an excluded molecule from which one is left out, too.")],
        0.9,
    ),
    "allow_fewer": (
        Annotated[bool, typer.Option("--allow-fewer", help="Pick all there are where there are fewer.")], False
    ),
}  # fmt: skip


def _request(given: Mapping[str, Any]) -> PickRequest:
    from fluidmol.chem.pool.building import PickRequest  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.chem.pool.limits import ELEMENTS, PoolLimits  # noqa: PLC0415
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.representation import settings_of  # noqa: PLC0415
    from fluidmol.values.parts import Part  # noqa: PLC0415

    limits = checked.build(
        PoolLimits, min_atoms=given["min_atoms"], max_atoms=given["max_atoms"], max_weight=given["max_weight"],
        elements=tuple(given["elements"].replace(",", " ").split()) or ELEMENTS,
    )  # fmt: skip
    return checked.build(
        PickRequest, size=given["size"], method=Part(given["method"], settings_of(given["setting"] or [])),
        seed=given["seed"], limits=limits, near_duplicate=given["near_duplicate"], allow_fewer=given["allow_fewer"],
    )  # fmt: skip


_SETS: dict[str, tuple[Any, Any]] = {
    "exclude": (
        Annotated[
            list[Path] | None,
            typer.Option(help="File of molecules, such as a test set, that are left out; may be repeated.",
                         readable=False),
        ],
        None,
    ),
    "near": (
        Annotated[
            list[Path] | None,
            typer.Option(help="Public molecules of a domain to be near to; may be repeated.", readable=False),
        ],
        None,
    ),
    "scaffolds": (
        Annotated[
            list[Path] | None,
            typer.Option(help="Scaffolds whose molecules are near; may be repeated.", readable=False),
        ],
        None,
    ),
    "labels": (
        Annotated[
            Path | None,
            typer.Option(help="Labels of an earlier round with the preset private, to be near to what partners know.",
                         readable=False),
        ],
        None,
    ),
    "charter": (
        Annotated[
            Path | None,
            typer.Option(help="The charter of these labels; charter.toml beside them by default.", readable=False),
        ],
        None,
    ),
}  # fmt: skip


@app.command()
@in_place_of("request", _REQUEST, _request)
@in_place_of("sets", _SETS, dict)
def build(
    pool: Annotated[list[str], typer.Argument(
        metavar="FILES...", help="Files, folders, patterns or addresses (s3://...) of molecules."
    )],
    out: Annotated[Path, typer.Option(help="Folder to write.", readable=False)],
    request: PickRequest,
    sets: dict[str, Any],
    work: Annotated[Path | None, typer.Option(
        help="Folder of prepared molecules, kept to pick again from; beside the output, and removed, by default.",
        readable=False,
    )] = None,
    smiles_column: options.SmilesColumn = None,
    workers: options.Workers = None,
    cache: options.Cache = True,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Pick a transfer set from files of any number of molecules. The same command goes on after an interruption.

    The same files, options and seed make the same set, to the digest, on any number of cores.
    """
    import shutil  # noqa: PLC0415

    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.chem.pool.building import build_transfer, work_beside  # noqa: PLC0415
    from fluidmol.chem.pool.shards import check_free  # noqa: PLC0415
    from fluidmol.cli.workers import engine_of, working  # noqa: PLC0415
    from fluidmol.report.transfer_page import transfer_page  # noqa: PLC0415

    check_free(out)
    memory = StandardCache() if cache else None
    folder = work if work is not None else work_beside(out)
    # On this machine: who prepares a chunk writes it to the folder itself.
    with working(engine_of(workers), quiet) as stages:
        with stages.stage("read given sets"):
            exclude, near, private = _sets(sets, smiles_column, memory, stages.note)
        made = build_transfer(
            pool, out, request, exclude=exclude, near=near, private=private, work=folder, smiles_column=smiles_column,
            cache=memory, stages=stages,
        )  # fmt: skip
    files.write_new(out / "report.html", transfer_page(out))
    if work is None:
        shutil.rmtree(folder, ignore_errors=True)
    counts = made.made["counts"]
    typer.echo(f"{out}  ({made.size:,} of {counts['pool']:,} molecules, picked by {made.made['method']['name']})")
    typer.echo(f"Digest: {made.digest}")
    for name, reason in ((file["name"], file["reason"]) for file in made.made["unusable"]):
        typer.echo(f"Left out: {name} ({reason})")


@app.command()
def show(folder: Folder) -> None:
    """Show what a transfer set is, and how it was made; its shards aren't looked at."""
    from fluidmol.chem.pool.shards import read_manifest  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.plain import plain  # noqa: PLC0415

    found = read_manifest(folder)
    # It may come from others: text, and no commands to the terminal.
    for name, value in _lines(found.digest, found.size, len(found.shards), found.made):
        typer.echo(plain(f"{name:<16}{value}", 400))


@app.command()
def check(folder: Folder) -> None:
    """Check that all shards are there, each what its name says, and together what the manifest says."""
    from fluidmol.chem.pool.shards import check_set  # noqa: PLC0415 - heavy

    found = check_set(folder)
    typer.echo(f"{folder} is whole: {found.size:,} molecules in {_shards(len(found.shards))}, {found.digest}")


def _sets(
    given: Mapping[str, Any], smiles_column: str | None, cache: StandardCache | None, note: Callable[[str], None]
) -> tuple[list[KnownSet], list[KnownSet], PrivateDirections | None]:
    """Read what the pool is compared with: what is excluded, what is to be near to, and the partners' directions."""
    from fluidmol.chem.pool.known_sets import read_known  # noqa: PLC0415 - heavy
    from fluidmol.cli import checked  # noqa: PLC0415

    def read(name: str, *, is_scaffolds: bool = False) -> list[KnownSet]:
        paths = [checked.existing_molecules(path) for path in given[name] or []]
        return read_known(paths, is_scaffolds=is_scaffolds, smiles_column=smiles_column, cache=cache, note=note)

    near = read("near") + read("scaffolds", is_scaffolds=True)
    return read("exclude"), near, _private(given["labels"], given["charter"])


def _private(labels: Path | None, charter: Path | None) -> PrivateDirections | None:
    from fluidmol.chem.pool.private_directions import PrivateDirections  # noqa: PLC0415 - heavy
    from fluidmol.cli import checked  # noqa: PLC0415
    from fluidmol.cli.files import charter_in  # noqa: PLC0415
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.partner.publication import read_labels  # noqa: PLC0415

    if labels is None:
        if charter is not None:
            raise UsageError("--charter is given without --labels", hint="Give the labels of its round, too.")
        return None
    agreed = charter_in(charter or labels.with_name("charter.toml"))
    return PrivateDirections.of(agreed, read_labels(checked.existing_file(labels), agreed))


def _lines(digest: str, size: int, n_shards: int, made: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Describe a manifest, by name; a part that another version didn't write is left out."""

    def table(words: Mapping[str, Any]) -> str:
        return ", ".join(f"{key} {value}" for key, value in words.items())

    lines = [("digest", digest), ("molecules", f"{size:,} in {_shards(n_shards)}")]
    lines += [(name, table(made[name])) for name in ("method", "limits", "counts") if name in made]
    lines += [("seed", f"{made.get('seed')}")]
    for file in made.get("files", ()):
        lines.append(("file", f"{file['name']}: {file['rows']:,} rows, {file['usable']:,} usable; {file['sha256']}"))
        lines += [("", f"{n:,} {reason}") for reason, n in file["left_out"].items()]
    lines += [("left out", f"{file['name']}: {file['reason']}") for file in made.get("unusable", ())]
    for known in made.get("excluded", ()):
        lines.append(("excluded", f"{known['name']}: {known['n_same']:,} by key, {known['n_near']:,} near duplicates"))
    lines += [("near to", f"{known['name']} ({known['size']:,} {known['kind']})") for known in made.get("near", ())]
    if "private" in made:
        lines.append(
            ("near to", f"{', '.join(made['private']['partners'])}, by labels under {made['private']['charter']}")
        )
    return [*lines, ("made with", str(made.get("made_with", "")))]


def _shards(number: int) -> str:
    return "1 shard" if number == 1 else f"{number:,} shards"
