"""Quick keys."""

import pytest

from fluidmol.trust import keyfile


@pytest.fixture(autouse=True)
def _quick_passphrases(monkeypatch):
    monkeypatch.setattr(keyfile, "WORK", 1 << 10)
