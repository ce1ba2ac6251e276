"""Files of other programs."""

import io

import pytest


@pytest.fixture
def workbook():
    """Make the bytes of an Excel file: rows by sheet; a pair in a cell is a value and its number format."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl isn't installed: fluidmol[excel]")

    def made(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for r, row in enumerate(rows, start=1):
                for c, value in enumerate(row, start=1):
                    cell = sheet.cell(r, c)
                    cell.value, cell.number_format = value if isinstance(value, tuple) else (value, "General")
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    return made
