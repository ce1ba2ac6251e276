"""What is kept in drop.toml, and what isn't."""

import pytest

from fluidmol.errors import InputError, MissingFileError, UsageError
from fluidmol_drop.server.settings import Limits, Settings


def test_what_is_written_is_read(tmp_path):
    settings = Settings(
        tmp_path, 'a "quoted" name', "sha256:0", (("ada", "partner"),), ("::1", "a.example"), "sqlite:///x", "s3://b",
        Limits(quota=5),
    )  # fmt: skip
    settings.save()
    assert Settings.load(tmp_path) == settings
    assert Settings.load(tmp_path, "sqlite:///y").database == "sqlite:///y"


def test_a_password_is_not_kept_and_no_other_database_is_opened_instead(tmp_path):
    url = "postgresql://drop:hunter2@db.example/drop"
    Settings(tmp_path, "x", database=url).save()
    assert "hunter2" not in (tmp_path / "drop.toml").read_text()
    with pytest.raises(UsageError, match="FLUID_DROP_DATABASE"):
        Settings.load(tmp_path)
    assert Settings.load(tmp_path, url).database_url == "postgresql+pg8000://drop:hunter2@db.example/drop"


@pytest.mark.parametrize(
    "text",
    [
        "[drop",
        "[drop]\nconsortium = 1\nother = 2",
        "[limits]\nrate = 0",
        "[limits]\nchunk = 1023",
        "drop = 1",
        "[[party]]",
    ],
)
def test_what_is_no_settings_file(tmp_path, text):
    (tmp_path / "drop.toml").write_text(text)
    with pytest.raises(InputError):
        Settings.load(tmp_path)


def test_no_drop(tmp_path):
    with pytest.raises(MissingFileError, match="fluid drop init"):
        Settings.load(tmp_path)
