"""The example of a round in Python, and what its page shows of it."""

import importlib.util
import re

import pytest

from fluidmol.errors import FluidError
from fluidmol.exchange.folder import FolderMailbox
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.values.codec import unpack


@pytest.fixture(scope="module")
def example(root):
    spec = importlib.util.spec_from_file_location("round_example", root / "examples" / "round.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_both_companies_end_with_the_labels_that_were_published(example, tmp_path):
    published = example.main(tmp_path)
    assert len(published.partners) == 2
    for name in ("ada", "bob"):
        assert unpack((tmp_path / name / "labels.fluid").read_bytes()) == published
        entries = LedgerFile(tmp_path / f"{name}-ledger.jsonl").entries
        assert [entry.kind for entry in entries] == ["Annotations", "Scorecard"]
        assert [entry.approver for entry in entries] == ["Ada Lovelace", ""], "a scorecard without figures needs nobody"
    place = FolderMailbox(tmp_path / "place")
    assert [name for name in place.names() if name.startswith("quarantine")] == []


def test_the_page_shows_lines_of_the_example(root):
    page = (root / "docs" / "python.md").read_text()
    example = {line.strip() for line in (root / "examples" / "round.py").read_text().splitlines()}
    block = re.search(r"^## A round\n.*?```python\n(.*?)```", page, re.DOTALL | re.MULTILINE)[1]
    assert {line.strip() for line in block.splitlines()} - {""} <= example


def test_nothing_leaves_that_nobody_approves(example, tmp_path, monkeypatch):
    monkeypatch.setattr(example, "approve", lambda _summary: None)
    with pytest.raises(FluidError, match="approve"):
        example.main(tmp_path)
    assert not FolderMailbox(tmp_path / "place").names("replies")
