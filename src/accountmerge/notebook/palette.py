"""Colours and sizes of charts, for all kinds of colour vision."""

from __future__ import annotations

# Okabe and Ito, "Color Universal Design", 2008: eight colours that people with any colour vision keep apart.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"

GREY = "#BBBBBB"
PALE = "#EEEEEE"
DARK_GREY = "#595959"
WHITE = "#FFFFFF"

MOST_BARS = 240
"""The most bars that a chart draws one by one. A person cannot count more, and files stay small."""
MOST_MEMBERS = 40
"""The most members of a cohort with a row each: as many as one page shows."""
MOST_POINTS = 100
"""The most points of a line."""
MOST_CUSTOMERS = 12
"""The most customers of a merge with a row each."""
