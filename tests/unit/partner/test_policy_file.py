"""``policy.toml``: what it may say, and how it is refused."""

import tomllib

import attrs
import pytest

from fluidmol.errors import InputError, MissingFileError
from fluidmol.partner.policy import NEWER, Policy
from fluidmol.partner.policy_file import NEW, WORDS, from_toml, read_policy, to_toml
from fluidmol.partner.rules import RULES


def test_every_rule_is_explained_where_it_stands():
    assert sorted(WORDS) == sorted(field.name for field in attrs.fields(Policy))
    lines = to_toml(NEW).splitlines()
    for name in WORDS:
        (place,) = (i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[place - 1].startswith("# ")
    assert max(map(len, lines)) <= 120


def test_rules_that_change_numbers_stand_in_the_order_in_which_they_apply():
    applied = list(dict.fromkeys(rule.name for rule in RULES))
    assert [name for name in WORDS if name in applied] == applied


def test_a_new_policy_asks_a_person_and_is_the_default_otherwise():
    asks = {"approval": True, "approval_digest": True}
    assert tomllib.loads(to_toml(NEW)) == {**Policy().as_table(), **asks, "withheld": [], "recipients": []}


def test_an_empty_policy_is_the_default():
    assert from_toml("", "policy.toml") == Policy(approval=True) == from_toml("# nothing\n", "policy.toml")
    assert from_toml("approval = false", "policy.toml") == Policy()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decimal = 3", "unknown rule 'decimal'. Did you mean decimals?"),
        ("[policy]\ndecimals = 3", "unknown rule 'policy'"),
        ("decimals = 9", "decimals is 9: expected a whole number, from 1 to 7"),
        ("decimals = '3'", "decimals is '3': expected a whole number"),
        ("decimals = true", "decimals is True"),
        ("labels = 'Hard'", 'labels is \'Hard\': expected "soft" or "hard"'),
        ("labels = ['hard']", "labels is ['hard']"),
        ("labels = 'hard'\nsurest = 0.1", "labels are hard and surest isn't 0"),
        ("surest = nan", "surest is nan"),
        ("surest = 0.05\ndecimals = 1", "rounding would undo the cut"),
        ("nearest_only = 1.5", "nearest_only is 1.5: expected a number, 0 or more and less than 1"),
        ("proximity_levels = 102\ndecimals = 2", "at most 101 levels"),
        ("fewest_compounds = 1", "expected a whole number, 2 or more"),
        ("withheld = 'herg'", "withheld is 'herg': expected a list of texts"),
        ("recipients = [1]", "recipients is [1]: expected a list of texts"),
        ("approval = 1", "approval is 1: expected true or false"),
        ("min_neighbours = 0", "min_neighbours is 0: expected a whole number, from 1 to 200"),
        ("max_strength = 0", "max_strength is 0.0: expected a number above 0, up to 1e+06"),
        ("max_strength = 2e6", "1e+06: no limit"),
        ("max_strength = true", "expected a number above 0"),
        ("min_quorum = 0", "expected a whole number, 1 or more"),
        ("experts_allowed = 'no'", "expected true or false"),
        ("max_known = 2", "expected a number from 0 to 1; 1: no limit"),
        ("max_near = -0.1", "expected a number from 0 to 1"),
        ("repeated_releases = true", 'expected "approve", "refuse" or "allow"'),
        ("decimals = ", "isn't TOML"),
        ("decimals = " + "9" * 5000, "isn't TOML"),
        ("surest = 1" + "0" * 400, "policy.toml"),
        ("withheld = " + "[" * 10_000, "isn't TOML"),
    ],
)
def test_what_is_refused_and_how(text, said):
    with pytest.raises(InputError) as caught:
        from_toml(text, "policy.toml")
    assert str(caught.value).startswith("policy.toml")
    assert said in str(caught.value)


def test_whole_numbers_are_numbers():
    assert from_toml("surest = 0\nnearest_only = 0\napproval = false", "policy.toml").digest == Policy().digest


def test_a_mark_before_the_text_is_no_part_of_it(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text("decimals = 2\n", encoding="utf-8-sig")
    assert read_policy(path) == from_toml("decimals = 2", "policy.toml")


def test_files_that_are_none(tmp_path):
    with pytest.raises(MissingFileError, match="fluid policy new"):
        read_policy(tmp_path / "policy.toml")
    for content, said in ((b"\xff\xfe", "UTF-8"), (b"#" * (1 << 17), "more than")):
        (tmp_path / "policy.toml").write_bytes(content)
        with pytest.raises(InputError, match=said):
            read_policy(tmp_path / "policy.toml")


def test_newer_rules_at_their_defaults_leave_the_digest_as_it_was():
    plain = Policy()
    assert {name: getattr(plain, name) for name in NEWER} == NEWER
    assert plain.digest == "sha256:308938907b30c1e985b38cdcc65455eca30aa42e2a2e114dc705e4231b2e86ab"
    others = {
        "budget": 4.0, "budget_delta": 1e-6, "proved_only": True, "largest_auc": 0.7, "min_neighbours": 8,
        "max_strength": 0.1, "min_quorum": 2, "experts_allowed": False, "max_known": 0.1, "max_near": 0.1,
        "repeated_releases": "allow", "approval_digest": True,
    }  # fmt: skip
    for name, value in others.items():
        assert Policy(**{name: value}).digest != plain.digest
