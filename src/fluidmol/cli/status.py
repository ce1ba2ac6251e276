"""``fluid status``: how a consortium stands, as a table; needs no key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fluidmol.cli import place_options

if TYPE_CHECKING:
    from rich.table import Table

    from fluidmol.exchange.status import ConsortiumStatus, PartyStatus, ReplyStatus


def status(
    place: place_options.Place,
    json_: Annotated[bool, typer.Option("--json", help="Write all of it as JSON.")] = False,
    identity: place_options.Identity = None,
) -> None:
    """Show who has signed, who has answered what, what was set aside, and what comes next. No key is needed.

    Of what is sealed only the names are known: the coordinator opens and judges replies, and all parties open labels.
    """
    import json  # noqa: PLC0415

    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.exchange.places import open_place  # noqa: PLC0415 - heavy
    from fluidmol.exchange.status import standing  # noqa: PLC0415

    found = standing(open_place(place, identity=identity, said=place_options.said))
    if json_:
        typer.echo(in_options(json.dumps(found.as_table(), indent=1)))
        return
    _print(found)


def _print(found: ConsortiumStatus) -> None:
    from rich.console import Console  # noqa: PLC0415

    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415
    from fluidmol.cli.plain import plain  # noqa: PLC0415

    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(plain(f"Consortium {found.name}, charter {found.charter}"))
    table = _table(found, short=False)
    # Cells that break anywhere can't be read: where there is little room, each tells less, on two lines.
    fits = console.measure(table, options=console.options.update(width=1000)).maximum <= console.width
    console.print(table if fits else _table(found, short=True))
    for name, reason in found.aside:
        console.print(plain(f"Set aside: {name}: {in_options(reason)}", 600))
    for name in found.loose:
        console.print(plain(f"Not looked at yet: {name}"))
    if found.caution:
        console.print(plain(f"Caution: {found.caution}"))
    for line in found.following:
        console.print(plain(in_options(line)))


def _table(found: ConsortiumStatus, *, short: bool) -> Table:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in ("party", "role", "signed", "opinion", "scorecard"):
        table.add_column(column)
    for member in found.members:
        table.add_row(*_cells(member, short=short))
    return table


def _cells(member: PartyStatus, *, short: bool) -> Iterator[str]:
    yield member.name
    yield member.role
    yield "yes" if member.agreed else "no"
    for stage in ("annotate", "learn"):
        yield _cell(member.answers[stage], short=short) if stage in member.answers else ""


def _cell(answer: ReplyStatus, *, short: bool) -> str:
    from fluidmol.cli.plain import size  # noqa: PLC0415

    when = answer.when[:16].replace("T", " ")
    # What has a size is there; whoever sees the place can read it, unless it is sealed.
    state = f"{answer.state}, not sealed" if answer.size and not answer.sealed else answer.state
    if short:
        return f"{state}\n{when}".strip()
    facts = [answer.digest, size(answer.size) if answer.size else "", when]
    return " ".join(text for text in (state, *facts) if text)
