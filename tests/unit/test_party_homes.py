"""Which folder beside the key is meant, where there are several consortia."""

from pathlib import Path

from fluidmol.rounds.partner.party_file import PartyFile


def test_a_newer_consortium_doesnt_hide_the_labels_of_an_older_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = '[party]\nname = "ada"\nkey = "ada.key"\n'
    party = PartyFile.from_toml(text, Path("party.toml"))
    assert party.home() is None
    for digits in ("1" * 12, "2" * 12):
        Path(f"ada-{digits}").mkdir()
        Path(f"ada-{digits}", "charter.toml").touch()
        if digits.startswith("1"):
            Path(f"ada-{digits}", "labels.fluid").touch()
            assert party.home() == party.labelled_home() == Path(f"ada-{digits}").resolve().relative_to(tmp_path)
    assert party.home() is None, "what isn't asked of labels may be of either"
    assert party.labelled_home() == Path("ada-" + "1" * 12)
    Path("ada-" + "2" * 12, "labels.fluid").touch()
    assert party.labelled_home() is None
    named = PartyFile.from_toml(text + f'[place]\ncharter_digest = "sha256:{"2" * 64}"\n', Path("party.toml"))
    assert named.labelled_home() == Path("ada-" + "2" * 12)
