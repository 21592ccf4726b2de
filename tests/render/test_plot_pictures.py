"""Pictures of plots: drawn in both themes, and nothing is loaded for them, whatever they ask."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from lineage_diff.render.graph.palette import Theme
from lineage_diff.render.plots import images as module
from lineage_diff.render.plots import vega_spec
from lineage_diff.render.plots.files import plot_files
from lineage_diff.render.plots.images import (
    CURVE_POINTS,
    in_order,
    plot_pictures,
    themed_pictures,
    within_costs,
)
from lineage_diff.render.plots.vega_spec import NoSpecificationError, harmless, specification
from lineage_diff.report.plots import Drawing, PlotLine
from tests.support.plot_images import IMAGE
from tests.support.reports import curve, hostile

CONFUSION = replace(
    curve("predicted.csv"),
    template="confusion",
    x="actual",
    y="predicted",
    lines=(PlotLine("predicted.csv", "predicted"),),
    columns=("rev", "filename", "field", "actual", "predicted"),
    rows=tuple(
        (side, "predicted.csv", "predicted", actual, predicted)
        for side, wrong in (("before", 3), ("after", 7))
        for actual, predicted in (("cat", "cat"), ("dog", "dog"), *[("dog", "cat")] * wrong)
    ),
)


COLOURS: Mapping[Theme, tuple[bytes, ...]] = {
    "light": (b"#ffffff", b"#1f2328", b"#59636e", b"#d1d9e0"),
    "dark": (b"#0d1117", b"#f0f6fc", b"#9198a1", b"#3d444d"),
}


def elements(svg: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314  # drawn by ourselves


def text_of(svg: bytes) -> str:
    return " ".join("".join(node.itertext()) for node in elements(svg))


def test_a_curve_is_drawn_in_the_colours_of_each_theme() -> None:
    made = themed_pictures([curve("loss.csv")])
    assert list(made) == list(COLOURS)
    for theme, picture in made.items():
        assert picture == plot_pictures([curve("loss.csv")], theme)
        for other, colours in COLOURS.items():
            for colour in colours:
                assert (colour in picture["loss.csv"]) == (other == theme)
        assert b"#0abcd" not in picture["loss.csv"]
        assert {"before", "after", "loss.csv", "step"} <= set(text_of(picture["loss.csv"]).split())


def test_a_matrix_of_each_side_shows_its_numbers() -> None:
    words = text_of(plot_pictures([CONFUSION])["predicted.csv"]).split()
    assert {"before", "after", "cat", "dog", "3", "7"} <= set(words)


def test_files_are_numbered_as_the_drawings_are() -> None:
    drawings = (curve("none", unknown="kept in the cache"), curve("loss"), IMAGE, curve("acc"))
    assert list(plot_files(drawings, "png")) == [
        *("plot-02-dark.png", "plot-02-light.png", "plot-03-after.png", "plot-03-before.png"),
        *("plot-04-dark.png", "plot-04-light.png"),
    ]
    assert list(plot_files(drawings, "svg", 1)) == ["plot-02-dark.svg", "plot-02-light.svg"]


def test_a_png_has_double_density() -> None:
    content = plot_pictures([curve("loss.csv")], kind="png")["loss.csv"]
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") > 700


def test_what_cannot_be_drawn_takes_nothing_from_the_others() -> None:
    broken = curve("broken", template="own", content={"mark": 5, "data": "<DVC_METRIC_DATA>"})
    none = curve("none", unknown="too large to draw")
    image = Drawing("image", "image", ("a.png",))
    made = plot_pictures([broken, none, image, curve("good")])
    assert list(made) == ["good"]


def test_a_drawing_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = {
        "datasets": {"points": "<DVC_METRIC_DATA>"},
        "data": {"sequence": {"start": 0, "stop": 1e9, "as": "n"}},
        "mark": "point",
        "encoding": {"x": {"field": "n", "type": "quantitative"}},
    }
    monkeypatch.setattr(module, "SECONDS", 5.0)
    made = plot_pictures([curve("good"), curve("slow", template="own", content=endless)])
    assert list(made) == ["good"]


def test_names_from_a_repository_are_text_in_a_picture() -> None:
    for svg in plot_pictures(hostile().drawings).values():
        tags = {node.tag.rpartition("}")[2] for node in elements(svg)}
        assert tags <= {"svg", "rect", "g", "path", "text", "line", "defs", "clipPath", "tspan"}


class _Canary(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'[{"a": 1}]')

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def canary() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    _Canary.asked.clear()
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def loading(url: str) -> list[dict[str, Any]]:
    """Specifications that load an address each in another way."""
    encoding = {"x": {"field": "a", "type": "quantitative"}}
    values = {"values": [{"a": 1, "at": f"{url}/e.png"}]}
    lookup = {
        "lookup": "a",
        "from": {"data": {"url": f"{url}/l.json"}, "key": "a", "fields": ["b"]},
    }
    return [
        {"data": {"url": f"{url}/d.json"}, "mark": "point", "encoding": encoding},
        {"data": {"url": f"{url}/d.csv"}, "mark": "point", "encoding": encoding},
        {"data": values, "mark": "point", "encoding": encoding, "transform": [lookup]},
        {"data": values, "mark": {"type": "image", "url": f"{url}/i.png"}, "encoding": encoding},
        {
            "data": values,
            "mark": {"type": "image", "width": 9, "height": 9},
            "encoding": {**encoding, "url": {"field": "at", "type": "nominal"}},
        },
        {
            "data": values,
            "datasets": {"other": {"url": f"{url}/s.json"}},
            "mark": {"type": "point", "href": f"{url}/h"},
            "encoding": {**encoding, "href": {"value": f"{url}/v"}},
        },
        {"data": {"url": "file:///etc/hostname", "format": {"type": "csv"}}, "mark": "point"},
    ]


def test_no_address_in_a_template_is_loaded() -> None:
    with canary() as url:
        specs = loading(url)
        drawings = [
            curve(f"{number}", template="own", content={**spec, "title": "<DVC_METRIC_DATA>"})
            for number, spec in enumerate(specs)
        ]
        for svg in plot_pictures(drawings).values():
            assert url.encode() not in svg
        assert not _Canary.asked
        for spec in specs:
            assert url not in json.dumps({**harmless(spec), "data": None})


def test_the_process_that_draws_has_no_network_of_its_own() -> None:
    with canary() as url:
        orders = "".join(
            json.dumps({"kind": "png", "spec": spec, "colours": [{}]}) + "\n"
            for spec in loading(url)
        )
        done = subprocess.run(
            [sys.executable, "-I", "-m", "lineage_diff.render.plots.vega_worker"],
            input=orders,
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(done.stdout.splitlines()) == len(loading(url))
        assert not _Canary.asked


def test_no_file_that_a_template_names_is_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"data": {"values": "<DVC_METRIC_DATA>"}, "mark": "point"}')
    with pytest.raises(NoSpecificationError):
        specification(curve("a", template=str(secret)))


@pytest.mark.parametrize("channel", ["color", "column", "xOffset"])
def test_before_comes_before_after_in_templates_that_sort_by_letters(channel: str) -> None:
    given = {"field": "rev", "type": "nominal"}
    spec = {"spec": {"layer": [{"encoding": {channel: given, "tooltip": [given]}}]}}
    encoding = in_order(spec)["spec"]["layer"][0]["encoding"]
    assert encoding == {channel: {**given, "sort": ["before", "after"]}, "tooltip": [given]}
    own = {"column": {"field": "rev", "sort": []}, "color": {"field": "rev", "scale": {}}}
    assert in_order({"encoding": own, "data": {"values": [own]}})["encoding"] == own


def test_a_team_s_own_colours_stay_but_for_the_theme_s() -> None:
    own = {
        "config": {"bar": {"color": "#ff0001"}, "background": "#ffc0cb"},
        "data": {"values": "<DVC_METRIC_DATA>"},
        "mark": "bar",
        "encoding": {"x": {"field": "step"}, "y": {"field": "loss"}},
    }
    picture = plot_pictures([curve("a", template="own", content=own)], "dark")["a"]
    assert b"#ff0001" in picture
    assert b"#0d1117" in picture
    assert b"#ffc0cb" not in picture


TEMPLATES = (
    "linear",
    "simple",
    "smooth",
    "scatter",
    "scatter_jitter",
    "bar_horizontal",
    "bar_horizontal_sorted",
)
DRAWN = (*(curve(name, template=name) for name in TEMPLATES), CONFUSION)
ROWS = "<DVC_METRIC_DATA>"


def test_a_plot_is_drawn_the_same_each_time() -> None:
    """`scatter_jitter` puts its points by random numbers."""
    own = curve("own", template="own", content=own_template({"calculate": "random()", "as": "z"}))
    first = plot_pictures([*DRAWN, own])
    assert len(first) == len(DRAWN) + 1
    assert plot_pictures([*DRAWN, own]) == first


def test_a_column_with_the_name_of_ours_is_drawn_as_it_is() -> None:
    name = vega_spec._ROW
    pictures = [
        plot_pictures([curve("a", x=x, columns=("rev", "filename", "field", x, "loss"))])["a"]
        for x in ("step", name)
    ]
    assert pictures[0] == pictures[1].replace(name.encode(), b"step")


def own_template(*steps: Any, **rest: Any) -> dict[str, Any]:
    encoding = {"x": {"field": "z"}, "y": {"field": "loss"}}
    return {
        "data": {"values": ROWS},
        "mark": "point",
        "encoding": encoding,
        "transform": list(steps),
        **rest,
    }


@pytest.mark.parametrize(
    "content",
    [
        own_template({"calculate": "now()", "as": "z"}),
        own_template({"calculate": "sampleNormal(0, 1)", "as": "z"}),
        own_template({"filter": "random() < 0.5"}),
        own_template({"sample": 3}),
        own_template(mark={"type": "point", "size": {"expr": "100 * random()"}}),
    ],
    ids=str,
)
def test_a_team_s_template_that_differs_each_time_is_not_drawn(content: Any) -> None:
    given = [curve("own", template="own", content=content), curve("loss")]
    assert list(plot_pictures(given)) == ["loss"]


@pytest.mark.parametrize("drawing", DRAWN, ids=lambda drawing: str(drawing.template))
def test_what_only_a_pointer_shows_is_left_out_and_nothing_else(
    drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, small = plot_pictures([drawing], kind="png"), plot_pictures([drawing])
    monkeypatch.setattr(module, "still", lambda spec: spec)
    assert plot_pictures([drawing], kind="png") == drawn
    whole = plot_pictures([drawing])
    assert (len(whole[drawing.id]) > len(small[drawing.id])) == (
        drawing.template in ("linear", "smooth")
    )


def test_a_drawing_that_ends_the_process_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    real = module._answers

    def answers(orders: Any, seconds: float) -> list[str]:
        waiting = list(orders)
        calls.append(len(waiting))
        # As if the second of three had made the process fall over.
        return real(waiting[:1], seconds) if len(waiting) == 3 else real(waiting, seconds)

    monkeypatch.setattr(module, "_answers", answers)
    assert list(plot_pictures([curve("a"), curve("b"), curve("c")])) == ["a", "c"]
    assert calls == [3, 1]


def long(plot_id: str, template: str, count: int) -> Drawing:
    """Two sides of `count` points, of which one is far from all others."""
    rows = tuple(
        (side, plot_id, "loss", str(n), 99.5 if n == 4_321 else n % 7)
        for side in ("before", "after")
        for n in range(count)
    )
    return curve(plot_id, template=template, rows=rows)


def test_long_curves_are_thinned_and_keep_their_ends_and_extremes() -> None:
    drawings = [long(f"loss{n}", "linear", 9_000) for n in range(3)]
    thin = list(within_costs([*drawings, curve("short")]))
    assert [made.id for made in thin] == ["loss0", "loss1", "loss2", "short"]
    assert sum(len(made.rows) for made in thin) <= CURVE_POINTS
    assert thin[-1] == curve("short")
    for before, after in zip(drawings, thin, strict=False):
        assert set(after.rows) < set(before.rows)
        for side in ("before", "after"):
            rows = [row for row in after.rows if row[0] == side]
            assert [rows[0][3], rows[-1][3]] == ["0", "8999"]
            assert {row[4] for row in rows} >= {0, 6, 99.5}


@pytest.mark.parametrize(
    ("template", "count", "is_drawn"),
    [
        ("confusion", 15_000, True),
        ("scatter", 15_000, True),
        ("scatter", 25_000, False),
        ("scatter_jitter", 3_000, False),
        ("own", 15_000, False),
    ],
)
def test_what_would_take_the_renderer_long_is_left_out(
    template: str, count: int, is_drawn: bool
) -> None:
    drawing = long("x", template, count)
    drawing = replace(drawing, content={"mark": "bar"}) if template == "own" else drawing
    assert [made.id for made in within_costs([drawing, curve("loss")])] == [
        *(["x"] if is_drawn else []),
        "loss",
    ]
