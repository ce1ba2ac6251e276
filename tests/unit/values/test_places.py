"""Where caches go, on each system."""

from pathlib import Path

import pytest

from fluidmol.values.places import cache_folder


def test_the_variable_wins_everywhere(tmp_path):
    for platform in ("linux", "darwin", "win32"):
        environ = {"FLUID_CACHE": str(tmp_path), "XDG_CACHE_HOME": "/elsewhere", "LOCALAPPDATA": "/elsewhere"}
        assert cache_folder(environ, platform) == tmp_path


def test_a_home_sign_is_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder({"FLUID_CACHE": "~/caches"}, "linux") == tmp_path / "caches"


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, ".cache/fluidmol"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, ".cache/fluidmol"),
        ("darwin", {"XDG_CACHE_HOME": "/not/for/macs"}, "Library/Caches/fluidmol"),
        ("win32", {}, "AppData/Local/fluidmol"),
    ],
)
def test_each_system_has_its_own(monkeypatch, tmp_path, platform, environ, expected):
    monkeypatch.setattr(Path, "home", classmethod(lambda _: tmp_path))
    assert cache_folder(environ, platform) == tmp_path / expected


def test_windows_names_its_folder(tmp_path):
    assert cache_folder({"LOCALAPPDATA": str(tmp_path)}, "win32") == tmp_path / "fluidmol"


def test_a_user_without_a_home_gets_the_working_folder(monkeypatch, tmp_path):
    def no_home(_):
        raise RuntimeError

    monkeypatch.setattr(Path, "home", classmethod(no_home))
    monkeypatch.chdir(tmp_path)
    assert cache_folder({}, "linux") == tmp_path / ".cache/fluidmol"
