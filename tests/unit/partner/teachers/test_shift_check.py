"""Molecules that are asked twice: how they are placed, what they cost, and which shifts pass unnoticed."""

import numpy as np
import pytest

from fluidmol.partner.teachers.answers import AnswerError
from fluidmol.partner.teachers.shift_check import FEWEST, ONE_IN, Questions, alike

SILENT = np.nan

KINDS = {
    "any probability from 0 to 1": lambda rng, n: rng.random(n),
    "most near 0: Beta(0.3, 3)": lambda rng, n: rng.beta(0.3, 3, n),
    "0 or 1, half each": lambda rng, n: (rng.random(n) < 0.5) * 1.0,
    "0 or 1, one in twenty 1": lambda rng, n: (rng.random(n) < 0.05) * 1.0,
}
"""Answers as programs give them; see docs/own-models.md."""


def batch(n):
    return [f"molecule {i}" for i in range(n)]


def shifted(questions, truth, inserted, stray, deleted):
    """Answers with one too many and one too few."""
    answers = dict(zip(batch(len(truth)), truth, strict=True))
    return np.insert(np.delete([answers[text] for text in questions.asked], deleted), inserted, stray)


def passes(questions, value):
    try:
        questions.check(value, np.full(len(value), SILENT), value.astype(str).tolist())
    except AnswerError:
        return False
    return True


def unnoticed(n, draw, trials):
    """The share of shifts that pass though an answer is wrong, and the most answers that were wrong then."""
    rng = np.random.default_rng(n)
    questions = Questions.with_repeats(batch(n))
    wrong = []
    for _ in range(trials):
        truth = draw(rng, n)
        inserted, deleted = rng.integers(0, len(questions.asked), 2)
        value = shifted(questions, truth, inserted, draw(rng, 1)[0], deleted)
        if passes(questions, value):
            wrong.append((~alike(value[questions.own], truth)).sum())
    return sum(n_wrong > 0 for n_wrong in wrong) / trials, max(wrong, default=0)


@pytest.mark.parametrize("n", [1, 2, 5, 9, 10, 11, 12, 60, 100, 105, 1000, 10_007])
def test_questions_ask_every_molecule_once_and_some_twice(n):
    questions = Questions.with_repeats(batch(n))
    assert [questions.asked[place] for place in questions.own] == batch(n)
    twice = min(n, max(FEWEST, n // ONE_IN))
    assert len(questions.asked) == n + twice
    assert len({questions.asked[first] for first, _ in questions.pairs}) == twice
    assert all(questions.asked[first] == questions.asked[again] for first, again in questions.pairs)
    assert {0, len(questions.asked) - 1} <= set(questions.pairs.ravel().tolist())


@pytest.mark.parametrize("n", [1, 2, 5, 12, 60, 100, 1000])
def test_right_answers_pass_with_silence_among_them(n):
    questions = Questions.with_repeats(batch(n))
    truth = np.where(np.arange(n) % 3 == 0, SILENT, np.arange(n) / n)
    answers = dict(zip(batch(n), truth, strict=True))
    assert passes(questions, np.array([answers[text] for text in questions.asked]))


@pytest.mark.parametrize("n", [5, 12, 60, 200, 1000])
def test_stray_line_first_or_last_is_always_noticed(n):
    questions = Questions.with_repeats(batch(n))
    truth = np.random.default_rng(n).uniform(0.1, 0.9, n)
    last = len(questions.asked) - 1
    for deleted in {*range(1, last, max(1, n // 50)), last}:
        assert not passes(questions, shifted(questions, truth, 0, 0.0, deleted))
        assert not passes(questions, shifted(questions, truth, last, 1.0, last - deleted))


@pytest.mark.parametrize("n", [5, 12, 20, 60, 100, 200])
@pytest.mark.parametrize("kind", list(KINDS)[:2])
def test_few_random_shifts_of_probabilities_pass(kind, n):
    share, most = unnoticed(n, KINDS[kind], 500)
    assert share < (0.03 if n <= 20 else 0.07)
    assert most <= 20


def test_silence_that_moved_is_noticed():
    questions = Questions.with_repeats(batch(30))
    truth = np.where(np.arange(30) % 2 == 0, SILENT, 0.5)
    assert not passes(questions, shifted(questions, truth, 0, 0.5, 35))


def test_confidence_that_moved_is_noticed():
    questions = Questions.with_repeats(batch(12))
    confidence = np.arange(len(questions.asked)) / 100
    with pytest.raises(AnswerError, match="10 of 10 molecules asked twice"):
        questions.check(np.full(len(confidence), 0.5), confidence, confidence.astype(str).tolist())


def test_shift_by_two_lines_is_described():
    questions = Questions.with_repeats(batch(100))
    answers = dict(zip(batch(100), np.random.default_rng(1).random(100), strict=True))
    value = np.array([0.5, 0.5, *(answers[text] for text in questions.asked)])
    value = np.delete(value, [80, 81])
    with pytest.raises(AnswerError, match=r"lines 1 to 7\d seem to stand 2 lines too late"):
        questions.check(value, np.full(len(value), SILENT), value.astype(str).tolist())


if __name__ == "__main__":
    for kind, draw in KINDS.items():
        for n in (5, 12, 20, 60, 100, 200):
            share, most = unnoticed(n, draw, 3000)
            print(f"{kind:30}{n:6,}{share:8.1%} unnoticed, at most {most} answers wrong")
