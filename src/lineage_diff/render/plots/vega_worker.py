"""A process of its own that draws Vega-Lite specifications, one a line, as one answer a line.

A specification may come from a stranger: here it has no time without end, no secret of ours in
its environment, and no network, for `vl-convert` opens none of its addresses.
"""

import base64
import json
import sys
from typing import Any

from lineage_diff.child_processes import end_with_parent

CPU_SECONDS = 60
MEMORY = 3 * 1024**3
SCALE = 2


def main() -> None:
    """Answer each line `{"kind": "svg" or "png", "spec": …}` with a picture, or why there is none.

    A picture is `{"picture": base64}`, what went wrong `{"error": text}`.
    """
    _bound()
    end_with_parent()
    for line in sys.stdin:
        try:
            answer = {"picture": base64.b64encode(_drawn(json.loads(line))).decode()}
        except Exception as error:  # Whatever a specification does, the next one is drawn.
            answer = {"error": (str(error).splitlines() or [type(error).__name__])[-1][:200]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _drawn(order: Any) -> bytes:
    # Loaded after the limits of the process are set, and not installed everywhere.
    import vl_convert

    svg = vl_convert.vegalite_to_svg(order["spec"], allowed_base_urls=[])
    # What makes a PNG of it would load its images from anywhere.
    if "<image" in svg:
        raise ValueError("it holds an image")
    return vl_convert.svg_to_png(svg, scale=SCALE) if order["kind"] == "png" else svg.encode()


def _bound() -> None:
    try:
        # Not on every system.
        import resource
    except ImportError:
        # Windows has none; the time of the whole process is bounded by who started it.
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
