"""A policy that limits what attacks may reach: nothing leaves without an audit of just this release."""

import json

import attrs
import pytest
from sklearn.naive_bayes import BernoulliNB

from fluidmol.cli.ledger import entry_lines
from fluidmol.errors import InputError, MissingFileError, PolicyError
from fluidmol.partner.audited import Audited, changing, read_audited
from fluidmol.partner.gate import Gate
from fluidmol.partner.ledger_file import LedgerFile
from fluidmol.partner.ledger_lines import read_lines
from fluidmol.partner.partner import Partner
from fluidmol.partner.policy import Policy
from fluidmol.partner.teachers import named
from fluidmol.partner.teachers.charters import Charters
from fluidmol.partner.teachers.estimator import FromEstimator
from fluidmol.values.annotations import Annotations
from fluidmol.values.messages import Annotate

LIMITED = Policy(largest_auc=0.7, largest_found=0.05)


@pytest.fixture
def found(quick_charter, assays):
    return Audited(
        quick_charter.digest, changing(LIMITED), len(assays["ada"]), 0.65, 0.04, True, (("decimals = 1", 0.6, 0.02),),
        named(Charters()),
    )  # fmt: skip


@pytest.fixture
def answer(assays, transfer, quick_charter):
    def answered(audited, policy=LIMITED):
        partner = Partner("ada", assays["ada"], transfer, gate=Gate(policy, audited=audited))
        return partner.answer(Annotate(quick_charter))

    return answered


def test_an_audit_within_the_limits_lets_opinions_out(answer, found):
    assert isinstance(answer(found), Annotations)


def test_without_limits_nobody_asks_for_an_audit(answer):
    assert isinstance(answer(None, Policy()), Annotations)


@pytest.mark.parametrize("other", [None, {"charter": "sha256:" + "1" * 64}, {"n_compounds": 3}, {"teacher": ""}])
def test_the_ledger_has_the_figures_of_an_audit_of_just_this_release(
    assays, transfer, quick_charter, found, tmp_path, other
):
    gate = Gate(Policy(), LedgerFile(tmp_path / "ada-ledger.jsonl"), audited=attrs.evolve(found, **(other or {})))
    Partner("ada", assays["ada"], transfer, gate=gate).answer(Annotate(quick_charter))
    (entry,) = LedgerFile(tmp_path / "ada-ledger.jsonl").entries
    assert entry.audit == ("" if other else "AUC 0.650, 4.0% found at 1 % false alarms")
    line = (tmp_path / "ada-ledger.jsonl").read_bytes()
    assert read_lines(line).entries == (entry,)
    if not other:
        assert read_lines(line.replace(b"0.650", b"0.550")).fault
        assert any("AUC 0.650" in told for told in entry_lines(1, entry))


def test_without_an_audit_nothing_leaves(answer):
    with pytest.raises(PolicyError, match="no audit of this release"):
        answer(None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"charter": "sha256:" + "1" * 64}, "charter differ"),
        ({"rules": {"decimals": 1}}, "rules of the policy differ"),
        ({"n_compounds": 3}, "number of compounds differ"),
        ({"teacher": named(FromEstimator(BernoulliNB(), "own:model"))}, "teacher differ"),
        ({"complete": False}, "a quick one"),
        ({"largest_auc": 0.8}, "reaches AUC 0.80.*With decimals = 1"),
        ({"largest_found": 0.2}, "finds 20% of the compounds"),
        ({"largest_found": None}, "too few to say"),
        ({"largest_auc": 0.8, "advice": ()}, "`advise`"),
        ({"largest_auc": 0.8, "advice": (("decimals = 1", 0.75, 0.0),)}, "None of the stricter"),
    ],
)
def test_other_audits_and_worse_figures_are_refused(answer, found, change, said):
    with pytest.raises(PolicyError, match=said):
        answer(attrs.evolve(found, **change))


def test_limits_are_checked_and_change_no_digest_unless_they_are_set():
    assert Policy().digest == Policy(largest_auc=1, largest_found=1).digest
    assert Policy().digest != Policy(largest_auc=0.9).digest != Policy(largest_found=0.9).digest
    with pytest.raises(ValueError, match=r"largest_auc is 1\.5"):
        Policy(largest_auc=1.5)
    with pytest.raises(ValueError, match="largest_found is True"):
        Policy(largest_found=True)


def test_figures_are_read_from_a_file_and_nothing_else_is(tmp_path):
    path = tmp_path / "audit.json"
    with pytest.raises(MissingFileError):
        read_audited(path)
    table = {
        "charter": "c", "rules": {"decimals": 4}, "n_compounds": 7, "largest_auc": 0.6, "largest_found": None,
        "complete": True, "advice": [{"rules": {"decimals": 1}, "largest_auc": 0.5, "largest_found": 0.1}],
    }  # fmt: skip
    path.write_text(json.dumps(table))
    assert read_audited(path) == Audited("c", {"decimals": 4}, 7, 0.6, None, True, (("decimals = 1", 0.5, 0.1),))
    for text in (
        "[]",
        "{",
        json.dumps({**table, "largest_auc": "high"}),
        json.dumps({**table, "largest_auc": float("nan")}),
        json.dumps({"charter": "c"}),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match="is no audit"):
            read_audited(path)
