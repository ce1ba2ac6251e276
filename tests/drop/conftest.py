"""A drop for all tests of a module; each test takes names of its own."""

import hashlib

import pytest
from drops import Drop


@pytest.fixture(scope="module")
def drop(tmp_path_factory):
    """A drop that runs."""
    with Drop(tmp_path_factory.mktemp("drop")).running() as running:
        yield running


@pytest.fixture
def still(tmp_path):
    """A drop that doesn't run."""
    drop = Drop(tmp_path)
    yield drop
    drop.service.database.close()


@pytest.fixture(scope="session")
def announced():
    """What is announced of a blob."""

    def announce(name, data):
        return {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    return announce
