"""Reports that machines and people read: JUnit XML, and one HTML file with pictures."""

import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from swath_cli.main import run
from swath_converters import Image
from swath_converters.image import decode_image
from swath_converters.policy import Policy
from swath_testing.junit import junit_xml
from swath_testing.page import html_page
from swath_testing.pictures import difference_picture, drawing
from swath_testing.report import Evidence, Report, Result

NASTY = "<script>alert(1)</script> \"'&]]>\x00\x1b\ufffe"
SUITE = {"name", "tests", "failures", "errors", "skipped", "time"}
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]]}


def report(*results: Result, **others: Any) -> Report:
    return Report("probe", "direct", results, **others)


def image(value: int, size: tuple[int, int] = (4, 4)) -> Image:
    return Image(np.full((1, *size), value, np.uint8))


def require_junit(content: bytes) -> ElementTree.Element:
    """What readers of JUnit XML count on: names, true counts, times in seconds, failures within cases."""
    root = ElementTree.parse(BytesIO(content)).getroot()  # noqa: S314 - made by this test
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert set(suite.attrib) == SUITE
        cases = list(suite)
        assert {one.tag for one in cases} == {"testcase"}
        assert int(suite.attrib["tests"]) == len(cases) > 0
        assert int(suite.attrib["failures"]) == sum(one.find("failure") is not None for one in cases)
        for one in cases:
            assert set(one.attrib) == {"name", "classname", "time"}
            assert re.fullmatch(r"\d+\.\d{3}", one.attrib["time"])
            assert all(inner.tag == "failure" and set(inner.attrib) == {"message", "type"} for inner in one)
    for figure in ("tests", "failures"):
        assert int(root.attrib[figure]) == sum(int(suite.attrib[figure]) for suite in root)
    return root


@pytest.mark.parametrize(
    "reports",
    [
        [report(Result("a", (), 0.1))],
        [report(Result("a", ("x: 1 expected", "y: 2 expected"), 0.1), Result("b", (), 2)), report(Result("a", (), 0))],
        [report()],
        [report(Result(NASTY, (NASTY,), 0))],
        [report(Result("a", (), 0), generated=(Result("property-0-1", ("500",), 0),))],
    ],
)
def test_junit_is_what_its_readers_count_on(reports: list[Report]) -> None:
    require_junit(junit_xml(reports))


def test_no_examples_are_a_failure_in_junit() -> None:
    root = require_junit(junit_xml([report()]))
    assert root.attrib["failures"] == "1"


def test_all_differences_of_a_case_are_in_its_failure() -> None:
    root = require_junit(junit_xml([report(Result("a", ("x: 1", "y: 2"), 0.1))]))
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.attrib["message"] == "x: 1"
    assert failure.text == "x: 1\ny: 2"


class Page(HTMLParser):
    """Tags and attributes of a page, and whether each element was closed in its turn."""

    VOID = frozenset({"meta", "img", "circle", "path"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_an_image_output_is_shown_as_expected_actual_and_difference() -> None:
    evidence = Evidence({"image": image(1)}, {"mask": image(1)}, {"mask": image(2)})
    page = Page(html_page([report(Result("a", ("mask: differs",), 0.1, evidence))]))
    alternatives = [one["alt"] or "" for one in page.named("img")]
    assert [one.partition(":")[0] for one in alternatives] == ["image", "expected", "actual", "difference"]
    assert "100.0000% of the pixels differ" in alternatives[-1]


def test_lists_of_images_are_shown_one_by_one() -> None:
    evidence = Evidence({}, {"tiles": [image(1), image(2)]}, {"tiles": [image(1), image(3)]})
    page = Page(html_page([report(Result("a", (), 0.1, evidence))]))
    assert len(page.named("img")) == 6


def test_geojson_is_drawn_over_each_other() -> None:
    evidence = Evidence({}, {"x": SQUARE}, {"x": SQUARE})
    page = Page(html_page([report(Result("a", (), 0.1, evidence))]))
    assert len(page.named("svg")) == 3
    assert {one.get("class") for one in page.named("g")} == {"expected", "actual"}


def test_a_page_needs_no_other_host_and_runs_no_script() -> None:
    evidence = Evidence({"image": image(1)}, {"mask": image(1), "x": SQUARE}, {"mask": image(2), "x": SQUARE})
    page = Page(html_page([report(Result("a", ("differs",), 0.1, evidence))]))
    linked = [value or "" for _, attributes in page.tags for key, value in attributes.items() if key in {"src", "href"}]
    assert linked
    assert all(one.startswith(("data:image/png;base64,", "#")) for one in linked)
    assert not page.named("script")
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]


def test_a_page_says_its_language_and_every_picture_in_words() -> None:
    evidence = Evidence({"image": image(1)}, {"x": SQUARE}, {"x": SQUARE})
    page = Page(html_page([report(Result("a", (), 0.1, evidence))]))
    assert page.named("html")[0]["lang"] == "en"
    assert all(one["alt"] for one in page.named("img"))
    assert all(one["aria-label"] for one in page.named("svg"))


def test_what_examples_say_is_never_markup() -> None:
    values = {NASTY: NASTY, "x": {"type": NASTY}, "y": [NASTY]}
    evidence = Evidence(values, values, values)
    result = Result(NASTY, (NASTY,), 0.1, evidence)
    text = html_page([Report(NASTY, NASTY, (result,))])
    assert "<script" not in text
    Page(text)


@pytest.mark.parametrize("geometry", [{"type": "Polygon", "coordinates": []}, {"type": "Point", "coordinates": [0, 0]}])
def test_what_has_no_extent_is_drawn_or_left_out(geometry: dict[str, Any]) -> None:
    Page(drawing([("actual", geometry)], is_north_up=True))


def test_latitude_grows_upwards_and_rows_downwards() -> None:
    layers = [("actual", {"type": "MultiPoint", "coordinates": [[0, 0], [1, 9]]})]
    heights = [
        [float(one["cy"] or 0) for one in Page(drawing(layers, is_north_up=north)).named("circle")]
        for north in (True, False)
    ]
    assert heights[0][0] > heights[0][1]
    assert heights[1][0] < heights[1][1]


def test_one_pixel_of_many_is_seen_in_the_difference() -> None:
    actual = image(1, (3000, 2000))
    actual.array[0, 1234, 567] = 2
    pictured = difference_picture(image(1, (3000, 2000)), actual, {})
    assert pictured is not None
    shown = decode_image(pictured[0], Policy())
    reds = np.argwhere(shown.array[0] == 215)
    assert max(shown.height, shown.width) <= 1024
    assert [tuple(one) for one in reds] == [(1234 // 3, 567 // 3)]
    assert pictured[1] == pytest.approx(1 / 6e6)


def test_images_of_other_shapes_have_no_difference_picture() -> None:
    assert difference_picture(image(1, (2, 2)), image(1, (2, 3)), {}) is None


def test_both_reports_are_written_where_the_command_says(grayscale: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports" / "deep"
    assert run(["test", str(grayscale), "--report", str(out)]) == 0
    require_junit((out / "junit.xml").read_bytes())
    assert len(Page((out / "report.html").read_text()).named("img")) == 4


def test_each_report_can_be_had_alone(grayscale: Path, tmp_path: Path) -> None:
    junit, page = tmp_path / "a.xml", tmp_path / "b.html"
    assert run(["test", str(grayscale), "--junit", str(junit), "--html", str(page)]) == 0
    require_junit(junit.read_bytes())
    assert Page(page.read_text()).named("h1")


def test_a_failing_example_is_reported_too(grayscale: Path, tmp_path: Path) -> None:
    process = grayscale / "process.py"
    process.write_text(process.read_text().replace("np.rint(brightness)", "np.rint(brightness) + 1"))
    assert run(["test", str(grayscale), "--report", str(tmp_path / "out")]) == 1
    root = require_junit((tmp_path / "out" / "junit.xml").read_bytes())
    assert root.attrib["failures"] == "1"
