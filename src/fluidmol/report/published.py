"""Figures that the paper's public notebook reports: another data set, so beside ours, never against them.

Source: Hanser et al. 2025, Nature Machine Intelligence 7, 423-436.
"""

from __future__ import annotations

DOI = "10.1038/s42256-025-00991-2"
"""Of the paper."""

DATA = (
    "7\u202f772 ChEMBL compounds, of which 1\u202f554 for validation; an external set of 4\u202f383; 50\u202f000 of "
    "347\u202f717 transfer molecules from PubChem; one seed"
)
"""What the figures stand on."""

BENCHMARK: dict[str, dict[str, tuple[float, ...]]] = {
    "external": {
        "teachers' mean": (0.330,),
        "best teacher": (0.481,),
        "student": (0.524, 0.539),
        "hybrids' mean": (0.552,),
        "lowest hybrid": (0.538,),
        "best hybrid": (0.579,),
        "T0": (),
        "T0-same-make": (0.582,),
        "T0-hybrid": (0.608,),
    },
    "validation": {
        "teachers' mean": (0.256,),
        "best teacher": (0.394,),
        "student": (0.357,),
        "hybrids' mean": (0.360,),
        "T0": (),
        "T0-same-make": (0.526,),
        "T0-hybrid": (0.496,),
    },
}
"""MCC; two figures are a range. The paper's T0 is of the teachers' make; it has no best of several kinds."""

TEACHER_CV = 0.486
"""MCC of teachers in 5-fold cross-validation on their own compounds, mean."""

CROSS_DOMAIN = {"teachers' mean": 0.142, "student": 0.192, "hybrids' mean": 0.199}
"""MCC on a domain that is left out of the federation."""

BROUGHT_IN = {"teachers": 0.328, "hybrids": 0.583}
"""MCC on external compounds that federation brings into the strict domain."""

COVERAGE = {"teachers' mean": 0.068, "hybrids' mean": 0.433, "T0-same-make": 0.391, "T0-hybrid": 0.575}
"""Share of the external set inside the strict domain."""

STUDENT_SIZE = {100: 0.457, 1000: 0.539, 5000: 0.550}
"""MCC of students of so many molecules; external set."""

TEACHER_COUNT = {1: 0.379, 2: 0.454, 3: 0.476, 4: 0.491, 5: 0.521, 6: 0.519, 7: 0.532, 8: 0.539}
"""MCC of the student of so many teachers; external set."""
