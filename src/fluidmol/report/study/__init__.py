"""Studies to one HTML page: our figures beside the paper's, and what they say.

A report is made from the files of the folder alone. ``folder`` and ``frame`` read them, ``headline`` says what they
mean, the other modules make one or a few sections each, and ``page`` writes them.
"""

from fluidmol.report.study.page import write_study_report

__all__ = ["write_study_report"]
