"""Commands and kinds of places that other packages bring."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fluidmol.cli import extensions
from fluidmol.cli.extensions import add_extensions
from fluidmol.errors import UnavailableError, UsageError
from fluidmol.exchange import places
from fluidmol.exchange.places import folder_of, open_place


@pytest.fixture
def installed(monkeypatch):
    """Pretend that these entry points are all that is installed."""

    def install(**values):
        def found(group, name=None):
            entries = [EntryPoint(each, value, group) for each, value in values.items()]
            return [entry for entry in entries if name in (None, entry.name)]

        monkeypatch.setattr(extensions, "entry_points", found)
        monkeypatch.setattr(places, "entry_points", found)

    return install


def commands():
    app = typer.Typer()
    app.command("status")(lambda: typer.echo("our own"))
    app.add_typer(typer.Typer(), name="data")
    add_extensions(app)
    return app


def test_an_extension_is_a_command(installed):
    installed(cwd="pathlib:Path.cwd")
    assert CliRunner().invoke(commands(), ["cwd"]).exit_code == 0


def test_an_extension_replaces_no_command(installed):
    installed(status="nothing:there", data="nothing:there")
    assert CliRunner().invoke(commands(), ["status"]).output == "our own\n"


def test_a_broken_extension_says_what_is_missing_when_it_is_called(installed):
    installed(serve="no_such_package.cli:serve")
    listed = CliRunner().invoke(commands(), ["--help"])
    assert (listed.exit_code, "no_such_package" in listed.output) == (0, True)
    called = CliRunner().invoke(commands(), ["serve", "--home", "x"])
    assert isinstance(called.exception, UnavailableError)
    assert "fluid serve can't be loaded (no_such_package.cli:serve" in str(called.exception)


def test_a_scheme_is_opened_by_who_claims_it(installed):
    def opener(place, **options):
        return place, sorted(options)

    installed(moon="opener")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EntryPoint, "load", lambda _: opener)
        assert open_place("Moon://crater", who="ada") == ("Moon://crater", ["identity", "said", "who"])


def test_an_address_without_its_client_is_refused(installed):
    installed()
    with pytest.raises(UnavailableError, match=r"opens https:// addresses\. .*fluidmol_drop"):
        open_place("https://127.0.0.1:9")


def test_a_file_address_is_its_folder(tmp_path):
    (tmp_path / "a place").mkdir()
    assert open_place((tmp_path / "a place").as_uri()).names() == []
    assert folder_of("share/2024") == Path("share/2024")
    for elsewhere in ("file://server/share", "file://"):
        with pytest.raises(UsageError, match="no folder of this machine"):
            folder_of(elsewhere)
