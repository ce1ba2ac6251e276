"""``fluid party``: how a company takes part, in one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from fluidmol.cli import options
from fluidmol.cli.passphrase import PassphraseFile

if TYPE_CHECKING:
    from fluidmol.errors import FluidError
    from fluidmol.rounds.partner.party_file import PartyFile
    from fluidmol.values.charter import Charter

app = typer.Typer(no_args_is_help=True, help="How your company takes part.")


@app.callback()
def parties() -> None:
    """Keep in one file how your company takes part; docs/party.md explains."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Your name in the consortium.", metavar="NAME")],
    place: Annotated[
        str | None, typer.Option(help="Where the consortium meets: a folder, or an address.", metavar="PLACE")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Your labelled molecules.", readable=False)] = None,
    out: Annotated[Path, typer.Option(help="Folder for all of it.", readable=False)] = Path(),
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the secret key unprotected: whoever has the file, has it.")
    ] = False,
) -> None:
    """Make what taking part needs: keys, a policy and party.toml, each with comments. What is there is left as it is.

    Keys that are there already are taken; a party.toml that is there is an error.
    """
    from fluidmol.cli import keys  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.files import write_new  # noqa: PLC0415
    from fluidmol.errors import OutputError  # noqa: PLC0415
    from fluidmol.partner.policy_file import NEW, to_toml  # noqa: PLC0415
    from fluidmol.rounds.partner.party_file import NAME, new_party_file  # noqa: PLC0415

    path = out / NAME
    if path.exists():
        raise OutputError(f"{path} is there already", hint="Change it by hand, or choose another folder with --out.")
    if not (out / f"{name}.key").exists() or not (out / f"{name}.pub").exists():
        keys.new(name, out, passphrase_file, no_passphrase)
    if not (out / "policy.toml").exists():
        write_new(out / "policy.toml", to_toml(NEW))
    given = {
        ("party", "name"): name, ("party", "key"): f"{name}.key", ("place", "address"): _from(out, place),
        ("data", "file"): _from(out, data), ("release", "policy"): "policy.toml",
        ("release", "ledger"): f"{name}-ledger.jsonl", ("results", "hybrid"): "hybrid", ("results", "audit"): "audit",
    }  # fmt: skip
    if passphrase_file is not None:
        given["party", "passphrase_file"] = _from(out, passphrase_file)
    write_new(path, new_party_file({entry: value for entry, value in given.items() if value is not None}))
    typer.echo(f"{out / 'policy.toml'}  (what may leave: read it, and change it)")
    typer.echo(f"{path}  (how you take part: fill in what is missing)")
    typer.echo("Next: fluid party check. Once the charter is there: fluid charter show, then fluid answer --accept.")


def _from(folder: Path, path: Path | str | None) -> str | None:
    """Return a path as it is called from a folder; addresses stay."""
    import os  # noqa: PLC0415

    return None if path is None else str(path) if "://" in str(path) else os.path.relpath(path, folder)


@app.command()
def check(context: typer.Context, cache: options.Cache = True, quiet: options.Quiet = False) -> None:
    """Look at all that party.toml names: key, policy, ledger, place, charter, data and model. Nothing leaves.

    Ends with the exit code of the first thing that can't be used.
    """
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.plain import plain  # noqa: PLC0415
    from fluidmol.errors import FluidError  # noqa: PLC0415

    party = _settings(context)
    look = _Look(party, cache, quiet)
    first: FluidError | None = None
    for what, found in look.all():
        try:
            typer.echo(plain(f"{what:<9} {in_options(found())}"))
        except FluidError as problem:
            first = first or problem
            typer.echo(plain(f"{what:<9} NOT USABLE: {in_options(str(problem))}"))
    if first is not None:
        raise typer.Exit(first.exit_code)
    typer.echo(f"All that {party.path} names can be used.")


@app.command()
def report(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="The page (HTML); it is private.", readable=False)] = Path("round.html"),
    tuned: Annotated[
        list[Path] | None, typer.Option(help="Folder of fluid hybrid tune; may be repeated. Those here by default.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="CSV file of fluid predict; predictions.csv here by default.", readable=False),
    ] = None,
) -> None:
    """Write one page about the round, of your files: what left, what it gives away, what you gain, what comes next."""
    from fluidmol.cli.argument_names import in_options  # noqa: PLC0415 - heavy, as are those below
    from fluidmol.cli.files import write_new  # noqa: PLC0415
    from fluidmol.cli.place_options import keep_out  # noqa: PLC0415
    from fluidmol.errors import MissingFileError  # noqa: PLC0415
    from fluidmol.report.after.partner import PartnerFiles, partner_page  # noqa: PLC0415
    from fluidmol.rounds.partner.home import PSEUDONYMS, pseudonyms_in  # noqa: PLC0415

    party = _settings(context)
    if party.address is not None:
        keep_out(party.address, {"out": out})
    home = party.labelled_home()
    if home is None:
        raise MissingFileError(
            f"{party.path} doesn't tell which folder is that of the round", hint="Name it: home in [results]."
        )
    folder, audit = party.path.parent, party.get("results", "audit")
    given = predictions or (folder / "predictions.csv" if (folder / "predictions.csv").is_file() else None)
    files = PartnerFiles(
        name=str(party.get("party", "name")), home=home, pseudonyms=pseudonyms_in(home / PSEUDONYMS),
        ledger=_needed(party, "release", "ledger"),
        tuned=tuple(tuned or sorted(found.parent for found in folder.glob("*/tune.json"))),
        audit=audit if audit is not None and (audit / "audit.json").is_file() else None, predictions=given,
    )  # fmt: skip
    # What comes next is commands to type.
    write_new(out, in_options(partner_page(files)), overwrite=True)
    out.chmod(0o600)
    typer.echo(f"{out}  (private: for your company only)")


@attrs.define
class _Look:
    party: PartyFile
    cache: bool
    quiet: bool
    charter: Charter | None = None

    def all(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "key", self._key
        yield "policy", self._policy
        yield "ledger", self._ledger
        yield "place", self._place
        yield "data", self._data
        yield "model", self._model

    def _key(self) -> str:
        from fluidmol.errors import InputError  # noqa: PLC0415 - heavy, as is that below
        from fluidmol.trust.keys import public_of  # noqa: PLC0415

        found, name = public_of(_needed(self.party, "party", "key")), _needed(self.party, "party", "name")
        if found.name != name:
            raise InputError(f"name is {name}, and the key is that of {found.name}", hint="Name the key of that party.")
        return f"{self.party.get('party', 'key')}, of {found.name}, fingerprint {found.fingerprint}"

    def _policy(self) -> str:
        from fluidmol.partner.policy_file import read_policy  # noqa: PLC0415 - heavy

        path = _needed(self.party, "release", "policy")
        stricter = read_policy(path).stricter_than_default
        return f"{path}: {', '.join(f'{rule} = {value}' for rule, value in stricter.items()) or 'as by default'}"

    def _ledger(self) -> str:
        from fluidmol.partner.ledger_file import read_ledger  # noqa: PLC0415 - heavy

        path = _needed(self.party, "release", "ledger")
        if not path.exists():
            return f"{path}: not there yet, made with the first release"
        return f"{path}: intact, {len(read_ledger(path).entries)} releases"

    def _place(self) -> str:
        from fluidmol.cli import place_options  # noqa: PLC0415 - heavy, as are those below
        from fluidmol.errors import CharterError, MissingFileError  # noqa: PLC0415
        from fluidmol.exchange.contents import read_charter  # noqa: PLC0415
        from fluidmol.exchange.places import open_place  # noqa: PLC0415
        from fluidmol.trust.keys import public_of  # noqa: PLC0415

        _needed(self.party, "place", "address")
        address, name = str(self.party.address), _needed(self.party, "party", "name")
        there = open_place(
            address, identity=self.party.get("place", "identity"), who=name, said=place_options.said
        )  # fmt: skip
        try:
            self.charter = read_charter(there)
        except MissingFileError:
            return f"{address}: can be reached; there is no charter yet"
        mine = public_of(_needed(self.party, "party", "key"))
        if (mine.name, mine.signing) not in {(party.name, party.signing) for party in self.charter.partners}:
            raise CharterError(
                f"the charter at {address} names no party {name} with the keys of {self.party.get('party', 'key')}",
                hint="Send NAME.pub to the coordinator: a charter has to name it.",
            )
        return f"{address}: charter {self.charter.name!r}, {self.charter.digest}, names you"

    def _data(self) -> str:
        from fluidmol.chem.intake.cache import StandardCache  # noqa: PLC0415 - heavy, as are those below
        from fluidmol.chem.intake.check import check_file  # noqa: PLC0415
        from fluidmol.chem.intake.outcomes import OutcomeColumns  # noqa: PLC0415
        from fluidmol.cli import checked  # noqa: PLC0415
        from fluidmol.cli.measurements import OPTIONS  # noqa: PLC0415
        from fluidmol.cli.progress import shown_stages  # noqa: PLC0415
        from fluidmol.partner.measurements import checked_against, wanted_by  # noqa: PLC0415

        path = self.party.get("data", "file")
        if path is None:
            return "none: a model of your own answers, and the student predicts"
        columns = OutcomeColumns(**{name: self.party.get("data", name) for name in OPTIONS})
        said = wanted_by(self.charter, columns)
        with shown_stages(self.quiet) as stages, stages.stage(path.name):
            found = check_file(
                checked.existing_file(path), said.columns, cache=StandardCache() if self.cache else None,
                progress=stages.advance,
            )  # fmt: skip
        cautions = (*found.cautions, *checked_against(self.charter, found.reading, said))
        return f"{path}: {found.line}{''.join(f'. Caution: {caution}' for caution in cautions)}"

    def _model(self) -> str:
        from fluidmol.cli import teachers  # noqa: PLC0415 - heavy

        table = self.party.table.get("model", {})
        named = {what: table[what] for what in ("teacher", "program", "predictions") if what in table}
        if not named:
            return "the charter's, fitted to your compounds"
        teachers.recipe(**named)
        ((kind, value),) = named.items()
        if kind == "predictions":
            from fluidmol.cli.checked import existing_file  # noqa: PLC0415

            existing_file(value)
        return f"your own: {kind} {value}"


def _settings(context: typer.Context) -> PartyFile:
    """Read the file that counts: :func:`fluidmol.cli.main.options` has left its path."""
    from fluidmol.errors import MissingFileError  # noqa: PLC0415 - heavy, as is that below
    from fluidmol.rounds.partner.party_file import NAME, PartyFile  # noqa: PLC0415

    path = next((word for word in context.obj or () if isinstance(word, Path)), None)
    if path is None:
        raise MissingFileError(f"there is no {NAME} here", hint="Make one with: fluid party new NAME.")
    return PartyFile.read(path)


def _needed(party: PartyFile, section: str, entry: str) -> Any:
    from fluidmol.errors import InputError  # noqa: PLC0415

    found = party.get(section, entry)
    if found is None:
        raise InputError(f"{party.path} has no {entry} in [{section}]", hint="Add it.")
    return found
