"""The charts of a report, one module a question.

``benchmark``: how good is each model? ``contribution``: who shaped the labels? ``distributions``: how
sure are labels and models? ``calibration``: can the probabilities be believed? ``space``: who knows
which chemistry?
"""
