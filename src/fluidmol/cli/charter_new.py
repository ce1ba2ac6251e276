"""``fluid charter new``: from a recipe, a file of public molecules and public keys to a charter."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from fluidmol.cli import endpoint_options, options, scale_options
from fluidmol.cli.caution import caution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fluidmol.values.charter import Charter
    from fluidmol.values.compounds import CompoundSet
    from fluidmol.values.parts import Scalar
    from fluidmol.values.representation import Representation


@attrs.define
class _Answers:
    """What a new charter needs, as it is typed; empty where nobody has said it yet."""

    name: str
    endpoint: str
    description: str
    transfer: str
    coordinator: str
    partners: list[str]


QUESTIONS = {
    "name": "Name of the consortium",
    "endpoint": "Short name of the endpoint, such as herg",
    "description": "What is measured, and when is a compound active",
    "transfer": "File of public molecules",
    "coordinator": "The coordinator's public key file",
    "partners": "The partners' public key files, with spaces in between",
}
"""What is asked on a terminal, and how."""


@scale_options.takes_ends
def new(
    name: Annotated[str | None, typer.Option(help="What the consortium calls itself.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Short name of what is measured, such as herg.")] = None,
    description: Annotated[
        str | None, typer.Option(help="What is measured, and when a compound counts as active.")
    ] = None,
    quantity: endpoint_options.Quantity = None,
    threshold: endpoint_options.Threshold = None,
    unit: endpoint_options.Unit = None,
    relations: endpoint_options.Relations = None,
    ends: scale_options.Ends = scale_options.ENDS,
    transfer: Annotated[
        Path | None,
        typer.Option(
            help="Public molecules to annotate: a table, SMI or SDF, or a folder of fluid transfer build.",
            readable=False,
        ),
    ] = None,
    coordinator: Annotated[Path | None, typer.Option(help="The coordinator's NAME.pub.", readable=False)] = None,
    partner: Annotated[
        list[Path] | None, typer.Option(help="A partner's NAME.pub; once for each partner.", readable=False)
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="Recipe: private, open, or paper-2025 for the paper's.", show_default="private"),
    ] = None,
    charter: options.CharterFile = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Change the recipe, PART.OPTION=VALUE, say weighting.power=4.")
    ] = None,
    representation: Annotated[
        Path | None,
        typer.Option(
            help="Public directions, from fluid representation build; for the preset private they are made of the"
            " transfer set alone by default.",
            readable=False,
        ),
    ] = None,
    quorum: options.Quorum = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all randomness; the recipe's by default.")] = None,
    transfer_size: options.TransferSize = None,
    smiles_column: options.SmilesColumn = None,
    sheet: options.Sheet = None,
    out: Annotated[Path, typer.Option(help="The charter to write.")] = Path("charter.toml"),
    packed: Annotated[
        Path | None, typer.Option(help="The standardised transfer set; transfer.fluid beside the charter by default.")
    ] = None,
    cache: options.Cache = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Make the charter of a new consortium, and its transfer set. What isn't given is asked for on a terminal."""
    from fluidmol.charters.feasible import check_parts  # noqa: PLC0415
    from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli import checked, files  # noqa: PLC0415
    from fluidmol.cli.sound import sound  # noqa: PLC0415
    from fluidmol.cli.transfer_file import read_transfer  # noqa: PLC0415
    from fluidmol.coordinator.founding import check_complete, founded  # noqa: PLC0415
    from fluidmol.values.codec import pack  # noqa: PLC0415

    # Before anybody is asked, and before anything takes long.
    recipe = with_settings(checked.agreed_charter(preset, charter, seed, None, usual="private"), settings or [])
    recipe, measure = endpoint_options.asked(recipe, ends, (quantity, threshold, unit, relations))
    check_parts(recipe)
    said = _complete(
        _Answers(
            name or "", endpoint or "", description or "", str(transfer or ""), str(coordinator or ""),
            [str(path) for path in partner or []],
        ),
        QUESTIONS if recipe.scale is None else QUESTIONS | {"description": "What is measured, and how"},
    )  # fmt: skip
    hub = files.public_keys(Path(said.coordinator))
    partners = [files.public_keys(Path(path)) for path in said.partners]
    compounds = read_transfer(
        Path(said.transfer), transfer_size, recipe.seed, smiles_column, sheet=sheet, cached=cache, quiet=quiet
    )
    sound(compounds, StandardCache() if cache else None, quiet=quiet)
    directions = _directions(recipe, compounds, representation, quiet=quiet)
    made = founded(
        recipe, name=said.name, endpoint=said.endpoint, description=said.description, transfer=compounds,
        coordinator=hub, partners=partners, quorum=quorum, measure=measure,
        representation=directions,
    )  # fmt: skip
    check_complete(made)
    place = packed or out.with_name("transfer.fluid")
    files.write_new(place, pack(compounds), overwrite=overwrite)
    if directions is not None:
        named = out.with_name("representation.fluid")
        files.write_new(named, pack(directions), overwrite=overwrite)
        typer.echo(f"{named}  ({directions.n_directions:,} public directions)")
    files.write_new(out, made.to_toml(), overwrite=overwrite)
    typer.echo(f"{out}  (read it with: fluid charter show {shlex.quote(str(out))})")
    typer.echo(f"{place}  ({len(compounds):,} public molecules)")
    typer.echo(f"Digest: {made.digest}")
    caution(made)


def with_settings(charter: Charter, settings: Sequence[str]) -> Charter:
    """Change options of a recipe, or whole parts.

    Raises
    ------
    UsageError
        If a setting isn't written so, or there is no such part.

    Examples
    --------
    >>> from fluidmol.values.charter import Charter
    >>> with_settings(Charter.from_preset("open"), ["weighting.power=4"]).weighting.options
    (('power', 4.0),)
    """
    from fluidmol.errors import CharterError, UsageError  # noqa: PLC0415
    from fluidmol.studies.analyses.ablation import variations, varied  # noqa: PLC0415

    try:
        for setting in settings:
            case = {field: values[0] for field, values in variations(setting).items() if len(values) == 1}
            if len(case) != 1:
                raise UsageError(f"--set {setting}", hint="Expected one value, such as --set weighting.power=4.")
            charter = varied(charter, {field: _alike(charter, field, value) for field, value in case.items()})
    except CharterError as problem:
        raise UsageError(problem.message, hint=problem.hint) from problem
    return charter


def _alike(charter: Charter, field: str, value: Scalar) -> Scalar:
    # 4 and 4.0 do the same, but are two texts, hence two digests: the recipe's way of writing it is kept.
    name, _, option = field.partition(".")
    before = dict(getattr(charter, name).options).get(option)
    return float(value) if isinstance(before, float) and type(value) is int else value


def _directions(
    recipe: Charter, transfer: CompoundSet, given: Path | None, *, quiet: bool
) -> Representation | None:  # fmt: skip
    """Read or make the public directions that a recipe works in; None if it works in none.

    Raises
    ------
    FluidError
        If they are given to a recipe that works in none, can't be used, or can't be made.
    """
    from fluidmol.chem.representation.build import build  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.chem.representation.underlying import DIRECTIONS  # noqa: PLC0415
    from fluidmol.cli import files  # noqa: PLC0415
    from fluidmol.cli.workers import engine_of, working  # noqa: PLC0415
    from fluidmol.errors import UsageError  # noqa: PLC0415
    from fluidmol.values.parts import Part  # noqa: PLC0415

    if recipe.featuriser.name != DIRECTIONS:
        if given is not None:
            raise UsageError(
                f"--representation is given, and the recipe's featuriser is {recipe.featuriser.name}",
                hint="Only the preset private works in public directions.",
            )
        return None
    if given is not None:
        return files.directions_in(given)
    with working(engine_of(None), quiet) as stages, stages.stage("public directions"):
        return build(Part("principal"), transfer, note=stages.note)


def _complete(said: _Answers, questions: Mapping[str, str]) -> _Answers:
    from fluidmol.errors import UsageError  # noqa: PLC0415

    missing = [field for field in questions if not getattr(said, field)]
    if missing and not sys.stdin.isatty():
        flags = ", ".join("--partner" if field == "partners" else f"--{field}" for field in missing)
        raise UsageError(f"the charter lacks {flags}", hint="Give them, or run the command on a terminal, which asks.")
    for field in missing:
        answer: str = typer.prompt(questions[field], err=True)
        setattr(said, field, shlex.split(answer) if field == "partners" else answer)
    return said
