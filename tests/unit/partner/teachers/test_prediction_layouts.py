"""Files of predictions in the layouts that people have: the probability of the active class, or a refusal."""

import numpy as np
import pytest

from fluidmol.errors import InputError
from fluidmol.partner.teachers.predicted import read_predicted
from fluidmol.partner.teachers.predictions import FromPredictions

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
OF = r"Say which with `of` active or `of` predicted"


def key(i):
    return f"AAAAAAAAAAAA{LETTERS[i // 26]}{LETTERS[i % 26]}-UHFFFAOYSA-N"


@pytest.fixture
def read(tmp_path):
    """Read a table whose molecules are numbered: each row is a text of the other cells."""

    def read(header, *rows, separator=",", of=None, names=None):
        path = tmp_path / "predictions.csv"
        lines = [f"inchikey{separator}{header}", *(f"{key(i)}{separator}{row}" for i, row in enumerate(rows))]
        path.write_text("\n".join(lines) + "\n")
        found = read_predicted(path, names, of=of)
        return [row.probability for row in found.rows], [row.reason for row in found.rejected]

    return read


class TestPredictedClass:
    @pytest.mark.parametrize(
        ("column", "classes"),
        [
            ("prediction", "inactive active"),
            ("pred", "0 1"),
            ("Predicted Class", "Negative Positive"),
            ("predictedLabel", "false true"),
            ("class", "I A"),
            ("label", "no yes"),
            ("Prediction (hERG)", "non-blocker blocker"),
            ("hERG blocker", "no yes"),
        ],
    )
    def test_probability_of_the_predicted_class_is_refused_with_both_readings(self, column, classes, read):
        inactive, active = classes.split()
        with pytest.raises(InputError) as caught:
            read(f"{column},probability", f"{active},0.8", f"{inactive},0.9")
        said = str(caught.value)
        assert "predictions.csv, line 3: 'probability' is '0.9'" in said
        assert f"{column!r} is {inactive!r}" in said
        assert "As the probability of the active class: P(active) = 0.9." in said
        assert "As that of the predicted class: P(active) = 0.1." in said
        assert "`of` active or `of` predicted" in said

    def test_classes_that_fit_leave_the_probability_as_it_is(self, read):
        assert read("prediction,probability", "inactive,0.1", "active,0.9", "active,0.5", ",0.7")[0] == [
            0.1, 0.9, 0.5, 0.7,
        ]  # fmt: skip

    def test_another_cut_is_refused_until_it_is_said(self, read):
        rows = ("active,0.4", "inactive,0.2")
        with pytest.raises(InputError, match=r"line 2: .*P\(active\) = 0\.4.*can't be, below 0\.5.*1 of 2 rows"):
            read("prediction,probability", *rows)
        assert read("prediction,probability", *rows, of="active")[0] == [0.4, 0.2]

    def test_probability_of_predicted_is_inverted_where_the_class_is_inactive(self, read):
        values, reasons = read(
            "prediction,probability", "inactive,0.9", "active,0.8", ",0.7", "inactive,", of="predicted"
        )
        assert values == pytest.approx([0.1, 0.8])
        assert reasons == ["no class"]

    def test_probability_of_predicted_is_never_below_a_half(self, read):
        with pytest.raises(InputError, match=r"line 3: 'probability' is '0.3'; a class of such"):
            read("prediction,probability", "inactive,0.9", "active,0.3", of="predicted")

    def test_probability_of_predicted_needs_a_class(self, read):
        with pytest.raises(InputError, match="no column that states the predicted class"):
            read("probability", "0.9", of="predicted")

    def test_probability_of_predicted_needs_one_class(self, read):
        with pytest.raises(InputError, match="'label' and 'outcome' state different classes"):
            read("label,outcome,probability", "active,inactive,0.9", of="predicted")
        assert read("label,prediction,probability", "active,inactive,0.75", of="predicted")[0] == [0.25]

    def test_many_probabilities_none_below_a_half_are_refused(self, read):
        rows = [f"{0.5 + i / 100}" for i in range(20)]
        with pytest.raises(InputError, match=f"all 20 probabilities .* predicted class.*{OF}"):
            read("probability", *rows)
        assert len(read("probability", *rows, of="active")[0]) == 20
        assert len(read("probability", *rows[1:])[0]) == 19
        assert len(read("probability", *rows, "0.4")[0]) == 21

    def test_classes_of_a_few_rows_dont_vouch_for_the_others(self, read):
        with pytest.raises(InputError, match="all 20 probabilities"):
            read("prediction,probability", "active,0.9", *[",0.8"] * 20)

    def test_column_named_after_the_predicted_class_is_refused(self, read):
        with pytest.raises(InputError, match=f"that of the predicted class by its name.*{OF}"):
            read("probability_of_predicted_class", "0.2", "0.9")

    def test_column_of_numbers_or_words_states_no_class(self, read):
        assert read("prediction,probability,label", "6.5,0.9,x", "4.1,0.8,y")[0] == [0.9, 0.8]


class TestSeveralColumns:
    def test_candidates_that_differ_are_refused(self, read):
        with pytest.raises(InputError, match=r"'probability' and 'p_active' could both.*line 3 has '0.2' and '0.3'"):
            read("probability,p_active", "0.1,0.10", "0.2,0.3")
        named = {"probability": "p_active"}
        assert read("probability,p_active", "0.1,0.10", "0.2,0.3", names=named)[0] == [0.1, 0.3]

    @pytest.mark.parametrize("other", ["proba", "Prob (active)", "pred", "prediction", "prob_1", "pActive"])
    def test_every_usual_name_is_a_candidate(self, other, read):
        with pytest.raises(InputError, match="could both be the probability"):
            read(f"probability,{other}", "0.1,0.2", "0.2,0.3")

    def test_candidates_that_agree_are_one(self, read):
        assert read("probability,p_active", "0.1,0.10", ",")[0] == [0.1]
        with pytest.raises(InputError, match="differ"):
            read("probability,p_active", "0.1,0.10", "0.2,")

    @pytest.mark.parametrize("names", [None, {"probability": "probability"}])
    def test_two_columns_of_one_name_are_refused_if_they_differ(self, names, read):
        with pytest.raises(InputError, match="differ"):
            read("probability,probability", "0.1,0.1", "0.2,0.3", names=names)
        assert read("probability,probability", "0.1,0.1", "0.2,0.2", names=names)[0] == [0.1, 0.2]

    def test_two_columns_of_molecules_are_refused_if_they_differ(self, read):
        with pytest.raises(InputError, match=r"two columns .*differ in line 2"):
            read("inchikey,probability", f"{key(1)},0.5")

    @pytest.mark.parametrize(
        "header", ["p_inactive,p_active", "prob_0,prob_1", "probability_0,probability_1", "p0,p1",
                   "P (hERG=inactive),P (hERG=active)", "Probability (Non-toxic),Probability (toxic)"],
    )  # fmt: skip
    def test_active_one_of_two_that_add_up_is_taken(self, header, read):
        assert read(header, "0.9,0.1", "0.333,0.67")[0] == [0.1, 0.67]
        with pytest.raises(InputError, match=r"should add up to 1, and don't: line 3 has '0.7' and '0.4'"):
            read(header, "0.9,0.1", "0.4,0.7")

    def test_inactive_one_vouches_for_the_active_one(self, read):
        assert len(read("p_inactive,p_active", *["0.25,0.75"] * 30)[0]) == 30

    @pytest.mark.parametrize("name", ["p_inactive", "prob_0", "probability_inactive", "probInactive", "pinactive"])
    def test_inactive_column_is_never_taken(self, name, read):
        for names in ({}, {"probability": name}):
            with pytest.raises(InputError, match=r"inactive class by its name|no column of probabilities"):
                read(name, "0.9", names=names)
        with pytest.raises(InputError, match="1 minus it"):
            read(name, "0.9", names={"probability": name}, of="active")


class TestNumbers:
    def test_percentages_are_refused(self, read):
        with pytest.raises(
            InputError, match=r"2 of 6 numbers of column 'probability'.*93\.0 in line 2.*percent.*by 100"
        ):
            read("probability", "93.0", "0.7", "12.5", "0.1", "0.2", "0.3")

    @pytest.mark.parametrize(
        "rows", [("-3.1", "2.2", "0.4"), ("-3.1", "-0.4", "0.4", "0.5", "0.6"), ("180", "250", "0.5")]
    )
    def test_scores_are_refused(self, rows, read):
        with pytest.raises(InputError, match="scores, not probabilities"):
            read("probability", *rows)

    def test_one_stray_number_costs_its_row_only(self, read):
        values, reasons = read("probability", "0.5", "7", "0.25")
        assert (values, reasons) == ([0.5, 0.25], ["no probability: 7 is outside of [0, 1]"])

    def test_mark_of_failures_costs_its_rows_only(self, read):
        values, reasons = read("probability", "0.5", "-1", "0.25", "-1", "0.125")
        assert (values, len(reasons)) == ([0.5, 0.25, 0.125], 2)

    def test_rounding_beyond_one_is_one(self, read):
        assert read("probability", "1.0000001", "1.0000002", "0.1", "-1e-9")[0] == [1, 1, 0.1, 0]

    def test_percent_signs_are_rejected_by_reason(self, read):
        assert read("probability", "93%", "0.5")[1] == [
            "no probability: '93%' has a percent sign; expected a number from 0 to 1"
        ]

    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_decimal_commas_are_read(self, separator, read):
        assert read("probability", "0,93", "1,000", "0", separator=separator)[0] == [0.93, 1, 0]

    def test_decimal_commas_and_points_are_refused_together(self, read):
        with pytest.raises(InputError, match=r"commas and points .*'1,000' in line 3 and '0.93' in line 2"):
            read("probability", "0.93", "1,000", separator=";")

    def test_thousands_are_no_decimals(self, read):
        assert read("probability", "1,000", "1", separator=";") == (
            [1], ["no probability: '1,000' (a decimal comma or thousands?)"],
        )  # fmt: skip

    def test_confidences_in_percent_are_refused(self, read):
        with pytest.raises(InputError, match=r"'confidence' are outside.*percentages"):
            read("probability,confidence", "0.1,80", "0.2,90")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["93%", "x", "12%"], r"no probability \(3\); line 2, for instance: no probability: '93%' has a percent sign"),
        (["", ""], "2 rows without a probability"),
        (["0.5,1", "0.7,2", "x"], r"wrong number of fields \(2\), no probability \(1\); line 2, for instance: wrong"),
    ],
)
def test_no_usable_row_names_the_commonest_reason(rows, said, tmp_path):
    path = tmp_path / "predictions.csv"
    path.write_text("\n".join(["inchikey,probability", *(f"{key(i)},{row}" for i, row in enumerate(rows))]) + "\n")
    with pytest.raises(InputError, match=said):
        FromPredictions(path=path).fit(None, None, "ada")


def layout(rng):
    """Make a table with known probabilities of the active class: header, rows, truth."""
    n = int(rng.integers(2, 40))
    truth = (
        rng.permutation(np.linspace(0.01, 0.99, n).round(3)) if rng.random() < 0.8 else rng.uniform(0.5, 1, n).round(3)
    )
    active = truth > 0.5
    words = [("inactive", "active"), ("0", "1"), ("no", "yes"), ("Negative", "Positive")][rng.integers(4)]
    stated = [words[int(one)] for one in active]
    class_name = ["prediction", "predicted_class", "label", "Class", "outcome", "hERG blocker"][rng.integers(6)]
    name = ["probability", "Probability", "proba", "prob", "p_active", "prob_1"][rng.integers(6)]
    predicted = np.where(active, truth, 1 - truth)
    kind = rng.integers(6)
    shown = predicted if kind in (0, 1) else 100 * truth if kind == 2 else truth
    columns = {name: [f"{value:.4g}" for value in shown]}
    if kind == 0 or (kind == 3 and rng.random() < 0.5):
        columns[class_name] = stated
    if kind == 4:
        columns[["p_inactive", "prob_0"][rng.integers(2)]] = [f"{1 - value:.4g}" for value in truth]
    if kind == 5:
        columns = {name: [f"{value:.4g}".replace(".", ",") for value in truth]}
    if kind == 1 and n < 20:  # nothing tells then
        columns[class_name] = stated
    names = rng.permutation(list(columns)).tolist()
    rows = [";".join(columns[each][i] for each in names) for i in range(n)]
    return ";".join(names), rows, truth


def test_random_layouts_are_read_right_or_refused(read):
    rng = np.random.default_rng(10)
    outcomes = []
    for _ in range(300):
        header, rows, truth = layout(rng)
        try:
            values, _ = read(header, *rows, separator=";")
        except InputError:
            outcomes.append("refused")
            continue
        assert values == pytest.approx(truth.tolist(), abs=1e-3), header
        outcomes.append("read")
    assert 100 < outcomes.count("read") < 250
