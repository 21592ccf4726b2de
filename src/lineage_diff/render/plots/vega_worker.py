"""A separate process that renders Vega-Lite specifications: one order and one answer per line.

A specification is untrusted: the process has a time limit, no secret in its environment, and no
network access, because `vl-convert` opens none of its URLs.
"""

import base64
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from lineage_diff.child_processes import end_with_parent, hold_in_job

CPU_SECONDS = 60
MEMORY = 3 * 1024**3 // 2
SCALE = 2
# The bounds of this process, on Windows: they hold while this does.
_JOBS: list[Any] = []


def main() -> None:
    """Answer each line `{"kind": "svg" or "png", "spec": …, "colours": […]}`.

    The answer is `{"pictures": [base64, …]}`, one for each mapping from stand-ins to `colours`, or
    `{"error": text}`.
    """
    _limit_resources()
    end_with_parent()
    for line in sys.stdin:
        try:
            pictures = _render(json.loads(line))
            answer: Any = {"pictures": [base64.b64encode(each).decode() for each in pictures]}
        except Exception as error:  # No failure may prevent the next order.
            answer = {"error": (str(error).splitlines() or [type(error).__name__])[-1][:200]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _render(order: Any) -> list[bytes]:
    # Imported after the limits of the process are set; not installed everywhere.
    import vl_convert

    svg = vl_convert.vegalite_to_svg(order["spec"], allowed_base_urls=[])
    # The conversion to PNG would load images from any URL.
    if "<image" in svg:
        raise ValueError("it holds an image")
    drawn = [_coloured(svg, colours) for colours in order["colours"]]
    if order["kind"] == "png":
        return [vl_convert.svg_to_png(each, scale=SCALE) for each in drawn]
    return [each.encode() for each in drawn]


def _coloured(svg: str, colours: Mapping[str, str]) -> str:
    for stand_in, colour in colours.items():
        svg = svg.replace(stand_in, colour)
    return svg


def _limit_resources() -> None:
    try:
        # Not on every system.
        import resource
    except ImportError:
        _JOBS.append(hold_in_job(os.getpid(), CPU_SECONDS, MEMORY))
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
