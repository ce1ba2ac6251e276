"""External programs as teachers: strict about answers, and going on where they were interrupted."""

import hashlib
import sys

import numpy as np
import pytest

from fluidmol.errors import InputError
from fluidmol.partner.teachers import LEVEL
from fluidmol.partner.teachers.answers import AnswerError, read_answers
from fluidmol.partner.teachers.program import FromProgram, _with_state


@pytest.fixture
def script(tmp_path):
    """Write a program that answers as a line of Python says; it counts its runs."""

    def write(answer, before="pass"):
        path = tmp_path / "program.py"
        path.write_text(
            "import pathlib, sys\n"
            "runs = pathlib.Path(__file__).with_name('runs'); runs.open('a').write('x')\n"
            "lines = sys.stdin.read().splitlines()\n"
            f"{before}\n"
            f"for i, smiles in enumerate(lines):\n    print({answer})\n"
        )
        return (sys.executable, str(path))

    return write


def runs(tmp_path):
    path = tmp_path / "runs"
    return len(path.read_text()) if path.exists() else 0


def made(command, **options):
    return FromProgram(command=command, **options).fit(None, None, "ada")


def test_answers_come_in_order_batch_by_batch(script, transfer, tmp_path):
    teacher = made(script("round(len(smiles) / 100, 4)"), batch=7)
    value, weight = teacher.annotate(transfer)
    assert value[:, 0].tolist() == [round(len(text) / 100, 4) for text in transfer.smiles]
    assert weight[:, 0].tolist() == [LEVEL] * len(transfer)
    assert runs(tmp_path) == -(-len(transfer) // 7)


def test_confidence_is_the_weight_and_silence_has_none(script, transfer):
    numbered = f"asked = {list(transfer.smiles)}"
    teacher = made(script("['0.9\\t0.5', '', 'nan', '0.1'][asked.index(smiles) % 4]", before=numbered), level=0.2)
    value, weight = teacher.annotate(transfer)
    assert weight[:4, 0].tolist() == [0.5, 0.0, 0.0, 0.2]
    assert np.isnan(value[1:3, 0]).all()
    assert np.isnan(teacher.predict(transfer)[1])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("'high' if i == 2 else 0.5", r"batch 1 of 4 .*line 3 is no number: 'high'"),
        ("1.5", r"line 1 is outside of \[0, 1\]: '1.5'"),
        ("-0.1", r"outside of \[0, 1\]"),
        ("'inf'", r"outside of \[0, 1\]"),
        ("'0.5\\t0.5\\t0.5'", "line 1 has 3 fields"),
        (
            "'0.5\\n0.5'",
            r"40 lines for 20 molecules \(10 of them asked a second time\), the first '0.5', the last '0.5'",
        ),
        ("'0.5\\t7'", r"outside of \[0, 1\]: '7'"),
    ],
)
def test_an_answer_that_is_none_is_named(answer, said, script, transfer):
    with pytest.raises(InputError, match=said):
        made(script(answer), batch=10).annotate(transfer)


def test_no_answer_at_all(script, transfer):
    with pytest.raises(InputError, match="0 lines for 50 molecules"):
        made(script("0.5", before="lines = []")).annotate(transfer)


def test_a_failing_program_is_named_with_its_complaint(script, transfer):
    with pytest.raises(InputError, match=r"program\.py, in batch 1 of 1 \(40 molecules\), ended with.*\n  no GPU"):
        made(script("0.5", before="sys.exit('no GPU')")).annotate(transfer)


def test_a_repeated_command_goes_on_after_the_last_finished_batch(script, transfer, tmp_path):
    folder = tmp_path / "answers"
    flaky = "if runs.stat().st_size == 3: sys.exit('out of memory')"
    recipe = FromProgram(command=script("0.25", before=flaky), batch=10, cache=folder)
    with pytest.raises(InputError, match="batch 3 of 4"):
        recipe.fit(None, None, "ada").annotate(transfer)
    value, _ = recipe.fit(None, None, "ada").annotate(transfer)
    assert (value == 0.25).all()
    assert runs(tmp_path) == 5  # three, of which one failed, then two
    assert (folder.stat().st_mode & 0o077) == 0


def test_kept_answers_are_those_of_this_program_only(script, transfer, tmp_path):
    folder = tmp_path / "answers"
    assert made(script("0.25"), cache=folder).predict(transfer)[0] == 0.25
    assert made(script("0.75"), cache=folder).predict(transfer)[0] == 0.75  # the same command, another script


def test_a_damaged_answer_is_asked_again(script, transfer, tmp_path):
    folder = tmp_path / "answers"
    teacher = made(script("0.25"), cache=folder)
    teacher.predict(transfer)
    next(folder.iterdir()).write_text("0.2")
    assert teacher.predict(transfer).tolist() == [0.25] * len(transfer)


def test_progress_counts_what_one_batch_has_answered(tmp_path, transfer):
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import sys, time\nfor line in sys.stdin: print(line.strip() + '\\t0.5', flush=True); time.sleep(0.02)"
    )
    seen = []
    FromProgram(command=(sys.executable, str(slow)), progress=lambda *given: seen.append(given)).fit(
        None, None, "ada"
    ).predict(transfer)
    assert seen[0] == (0, len(transfer))
    assert seen[-1] == (len(transfer), len(transfer))
    assert any(0 < done < len(transfer) for done, _ in seen)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_progress_counts_molecules(script, transfer):
    seen = []
    made(script("0.5"), batch=15, progress=lambda *given: seen.append(given)).predict(transfer)
    assert seen == [(0, 40), (15, 40), (30, 40), (40, 40)]


@pytest.mark.parametrize(
    "options",
    [{"command": ""}, {"command": "a 'b"}, {"batch": 0}, {"limit_s": 0}, {"level": 1.5}],
    ids=str,
)
def test_numbers_out_of_range(options):
    with pytest.raises(ValueError):  # noqa: PT011 - each says its own
        FromProgram(**{"command": "program", **options})


class TestAnswers:
    def test_line_ends_of_windows(self):
        assert read_answers("0.5\r\n\r\n", ["C", "N"])[0].tolist()[0] == 0.5

    def test_a_last_line_without_an_end(self):
        assert read_answers("0.5\n0.25", ["C", "N"])[0].tolist() == [0.5, 0.25]

    def test_silence_about_the_last(self):
        assert np.isnan(read_answers("0.5\n\n", ["C", "N"])[0][1])

    @pytest.mark.parametrize("text", ["0.5\n\n", "0.5\n", ""])
    def test_a_missing_line_is_no_silence(self, text):
        with pytest.raises(AnswerError, match="lines for 3 molecules"):
            read_answers(text, ["C", "N", "O"])


PROBABILITY = "round(int(hashlib.sha256(smiles.encode()).hexdigest()[:8], 16) / 2**32, 4)"
STRAY_FIRST_AND_ONE_OMITTED = f"import hashlib; print(0.5); answers = [{PROBABILITY} for smiles in lines]; "


class TestIdentifiedAnswers:
    def test_smiles_identify_answers(self, script, transfer, tmp_path):
        value, weight = made(script("smiles, len(smiles) / 100, 0.5, sep='\\t'"), batch=15).annotate(transfer)
        assert value[:, 0].tolist() == [len(text) / 100 for text in transfer.smiles]
        assert weight[:, 0].tolist() == [0.5] * len(transfer)

    def test_identified_batches_after_the_first_repeat_no_molecule(self, script, transfer, tmp_path):
        count = "runs.with_name('asked').open('a').write(f'{len(lines)} ')"
        teacher = made(script("smiles, 0.5, sep='\\t'", before=count), batch=15, cache=tmp_path / "kept")
        assert teacher.predict(transfer).tolist() == [0.5] * len(transfer)
        assert (tmp_path / "asked").read_text() == "25 15 10 "
        assert teacher.predict(transfer).tolist() == [0.5] * len(transfer)
        assert runs(tmp_path) == 3

    def test_identified_answers_of_a_model_that_varies_are_taken(self, script, transfer):
        assert np.isfinite(made(script("smiles, i / 1000, sep='\\t'")).predict(transfer)).all()

    def test_identified_answers_in_another_order_are_refused(self, script, transfer):
        answer = script("smiles, 0.5, sep='\\t'", before="lines.reverse()\nlines[0], lines[1] = lines[1], lines[2]")
        with pytest.raises(InputError, match=r"answered line 1 is .*which doesn't begin with .* and a tab"):
            made(answer).predict(transfer)

    @pytest.mark.parametrize("second", ["0.5", "smiles + ' 0.5'", "'CC' + smiles + '\\t0.5'"])
    def test_a_line_that_names_no_molecule_among_others_is_refused(self, second, script, transfer):
        answer = script(f"{second} if i == 1 else smiles + '\\t0.5'")
        with pytest.raises(InputError, match=r"line 2 is .*doesn't begin with"):
            made(answer).predict(transfer)

    def test_later_batches_must_name_molecules_as_the_first_does(self, script, transfer):
        answer = script("'0.5' if len(runs.read_text()) > 1 else smiles + '\\t0.5'")
        with pytest.raises(InputError, match=r"batch 2 of 4 .*without SMILES, which it wrote in earlier batches"):
            made(answer, batch=10).predict(transfer)


class TestStrayLines:
    @pytest.mark.parametrize("size", [1, 5, 12, 40])
    @pytest.mark.parametrize("omitted", ["len(answers) // 2", "-1"])
    def test_a_stray_number_first_and_an_answer_omitted_is_refused(self, size, omitted, script, transfer):
        faulty = f"{STRAY_FIRST_AND_ONE_OMITTED}del answers[{omitted}]; print(*answers, sep='\\n'); lines = []"
        with pytest.raises(InputError, match=r"two things about one molecule: lines 1 and .*SMILES, tab, probability"):
            made(script("", before=faulty), batch=size).predict(transfer)

    def test_the_shift_is_located(self, script, transfer):
        faulty = f"{STRAY_FIRST_AND_ONE_OMITTED}del answers[24]; print(*answers, sep='\\n'); lines = []"
        with pytest.raises(InputError, match=r"lines 1 to 2\d seem to stand 1 line too late"):
            made(script("", before=faulty)).predict(transfer)

    def test_a_line_of_progress_is_quoted_with_the_complaint(self, script, transfer):
        before = "print('Loading model'); print('a warning', file=sys.stderr)"
        said = r"51 lines for 50 .*the first 'Loading model', the last '0.5'; line 1 is no number: 'Loading model'"
        with pytest.raises(InputError, match=rf"(?s){said}.*It complained:\n  a warning"):
            made(script("0.5", before=before)).predict(transfer)

    def test_a_model_that_varies_is_refused(self, script, transfer):
        with pytest.raises(InputError, match="isn't deterministic"):
            made(script("i / 100")).predict(transfer)

    def test_a_constant_model_is_taken(self, script, transfer):
        assert made(script("0.5")).predict(transfer).tolist() == [0.5] * len(transfer)


def test_answers_kept_under_the_earlier_protocol_are_not_read(script, transfer, tmp_path):
    command, folder = script("0.25"), tmp_path / "answers"
    known = hashlib.sha256()
    for word in (*map(_with_state, command), *transfer.smiles):
        known.update(word.encode() + b"\0")
    folder.mkdir()
    (folder / f"{known.hexdigest()}.tsv").write_text("0.75\n" * len(transfer))
    assert made(command, cache=folder).predict(transfer).tolist() == [0.25] * len(transfer)


def test_finished_batches_are_only_promised_if_there_are_any(script, transfer, tmp_path):
    failing = script("0.5", before="if len(runs.read_text()) > RUNS: sys.exit(1)")
    program = tmp_path / "program.py"
    text = program.read_text()
    for allowed, said in ((0, False), (1, True)):
        (tmp_path / "runs").unlink(missing_ok=True)
        program.write_text(text.replace("RUNS", str(allowed)))
        with pytest.raises(InputError) as caught:
            made(failing, batch=7, cache=tmp_path / "cache").predict(transfer)
        assert ("Finished batches are kept" in caught.value.hint) is said
