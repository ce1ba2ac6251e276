"""Outcome to tables, figures and one HTML page.

A report is made from the files of a finished run folder alone, so it can be made again at any
time, on any machine, and says the same: :func:`fluidmol.report.page.write_report`.

``files`` reads one file and says what is wrong with it; ``run`` reads the folder; ``gains`` and
``headline`` say what the run means; ``figures`` and ``tables`` show it; ``page`` writes it.
"""

from fluidmol.report.page import write_report

__all__ = ["write_report"]
