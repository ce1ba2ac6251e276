"""Drawn structures, and what is marked in them."""

import base64

from fluidmol.report.after.drawings import MARKED, drawing


def svg(address):
    return base64.b64decode(address.partition(",")[2]).decode()


def test_marked_parts_are_coloured_wherever_they_occur():
    colour = "#" + "".join(f"{int(255 * part):02X}" for part in MARKED)
    plain, marked = svg(drawing("OB(O)c1ccccc1")), svg(drawing("OB(O)c1ccccc1", ["OBO", "CC"]))
    assert colour not in plain
    assert colour in marked
    assert svg(drawing("OB(O)c1ccc(B(O)O)cc1", ["OBO"])).count(colour) > marked.count(colour)


def test_what_isnt_smarts_or_isnt_there_marks_nothing():
    assert drawing("CCO", ["", "2 more", "c1ccccc1", "C("]) == drawing("CCO")
