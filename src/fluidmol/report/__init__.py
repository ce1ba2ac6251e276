"""Results to tables, figures and one HTML page.

A report is made from the files of a folder alone, so that it can be made again at any time, on any machine, and says
the same. ``read`` reads them, ``findings`` says what they mean, ``sections`` shows them, ``page`` writes the page.
"""

from fluidmol.report.page import write_report

__all__ = ["write_report"]
