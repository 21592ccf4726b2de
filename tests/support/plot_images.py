"""A plot that is an image, before and after a change."""

import base64

from lineage_diff.report.plots import Drawing, PlotImage
from tests.support.plot_repo import PNG

BEFORE, AFTER = (base64.b64decode(content) for content in PNG)
IMAGE = Drawing(
    "mask.png",
    "image",
    ("mask.png",),
    images=(PlotImage("before", "image/png", BEFORE), PlotImage("after", "image/png", AFTER)),
)
