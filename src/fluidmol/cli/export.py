"""``fluid export``: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import consortium, options
from fluidmol.cli.named import LabelsOfStudent, Model, read_model

if TYPE_CHECKING:
    from fluidmol.partner.export.export import Exported

PARTS = ("own", "others")
"""Parts of a mixture."""


def export(
    model: Model,
    onnx: Annotated[bool, typer.Option("--onnx", help="As an ONNX file, the only format that there is.")] = False,
    out: Annotated[Path, typer.Option(help="File to write; a JSON comes beside it.", readable=False)] = Path(
        "model.onnx"
    ),
    part: Annotated[
        str | None,
        typer.Option(help="Of a mixture: own (your own model), or others (what the others' experts say together)."),
    ] = None,
    labels: LabelsOfStudent = None,
    charter: consortium.CharterFile = None,
    transfer: consortium.Transfer = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output file.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a model as ONNX; it is compared with fluidmol's own on 1000 public molecules first.

    The file takes a matrix of features; the JSON beside it says which. Mixtures compare molecules with private
    compounds: of them, parts without that comparison can be exported. Files say of themselves who may have them.
    """
    from fluidmol.cli.progress import shown_stages  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.errors import OutputError, UsageError  # noqa: PLC0415
    from fluidmol.partner.export.export import export as exported  # noqa: PLC0415
    from fluidmol.partner.export.export import write  # noqa: PLC0415
    from fluidmol.values.parts import nearest  # noqa: PLC0415

    if not onnx:
        raise UsageError("it isn't said in which format", hint="Add --onnx.")
    if part is not None and part not in PARTS:
        raise UsageError(f"--part is {part!r}", hint=nearest(part, PARTS))
    if out.exists() and (out.is_dir() or not overwrite):
        raise OutputError(f"{out} is there already", hint="Give another file with --out, or add --overwrite.")
    with shown_stages(quiet) as stages:
        kept = read_model(model, labels, charter, transfer, None, stages)
        with stages.stage("ONNX file, and its comparison"):
            found = exported(kept, part)
    _say(found, out, write(found, out))


def _say(found: Exported, out: Path, beside: Path) -> None:
    from fluidmol.partner.notices import notice  # noqa: PLC0415

    typer.echo(f"Exported: {found.part.words}.")
    typer.echo(
        f"On {found.n_checked:,} public molecules it differs from fluidmol by {found.difference:.1e} at most."
        f" Files: {out}, {beside}"
    )
    said = notice(private=found.part.private)
    typer.echo(f"{said[0].upper()}{said[1:]}. Both files say so.")
