"""The law of reading measurements: a row is read right or refused, never wrong; and what is plain is read."""

import random

import pytest
from layouts import LAYOUTS, draw, judge

TABLES = 300


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Each of 300 tables with what came of it: how much was read, or what was wrong."""
    folder, results = tmp_path_factory.mktemp("tables"), []
    for number in range(TABLES):
        case = draw(random.Random(f"reading {number}"))
        try:
            results.append((case, judge(case, folder)))
        except AssertionError as wrong:
            results.append((case, str(wrong)))
    return results


def test_no_row_of_any_table_gets_a_wrong_class(judged):
    wrong = [result for _, result in judged if isinstance(result, str)]
    assert not wrong, f"{len(wrong)} of {TABLES} tables; the first: {wrong[0]}"


def test_plain_tables_are_read_nearly_in_full(judged):
    plain = [result for case, result in judged if case.plain and not isinstance(result, str)]
    read, decidable = sum(result.read for result in plain), sum(result.decidable for result in plain)
    refused = {result.refusal for result in plain if result.refusal}
    assert len(plain) > TABLES / 2
    assert read >= 0.95 * decidable, f"{read} of {decidable} rows; refused: {refused}"


def test_the_tables_show_both_classes_and_undecided_rows_in_all_layouts(judged):
    seen = {case.layout: set() for case, _ in judged}
    for case, _ in judged:
        seen[case.layout] |= {state for _, state in case.truth.values()}
    assert len(seen) > 0.8 * len(LAYOUTS)
    assert sum(states == {True, False, None} for states in seen.values()) > len(seen) / 2
