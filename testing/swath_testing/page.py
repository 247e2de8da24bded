"""Reports as one HTML file that needs nothing else: no script, no other host, pictures within it.

Whatever comes from an example or an answer is escaped, and a content security policy forbids the rest.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, cast

import orjson
import pybase64

from swath_converters import Image
from swath_runtime.quicklook import quicklook
from swath_testing.pictures import difference_picture, drawing, is_drawable
from swath_testing.report import Evidence, Report, Result
from swath_testing.tolerances import Tolerance

LONGEST_TEXT = 2000  # characters of a value: a report is looked at
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #cf222e; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } th, td { border: 1px solid var(--line); padding: .3rem .7rem; text-align: left; }
.passed { color: var(--good); } .failed { color: var(--bad); font-weight: 600; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .7rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); padding: .5rem; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figure img, figure svg { width: 100%; max-height: 28rem; object-fit: contain;
  border: 1px solid var(--line); image-rendering: pixelated;
  background: repeating-conic-gradient(#8883 0 25%, #8881 0 50%) 0 0/16px 16px; }
svg path { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.expected path, .expected circle { stroke: #0969da; fill: none; stroke-width: 5; opacity: .6; }
.actual path, .actual circle { stroke: #e16f24; fill: none; }
"""


def html_page(reports: Sequence[Report]) -> str:
    """The page: a table of places, then every example with its differences and pictures, failed ones open."""
    names = sorted({one.algorithm for one in reports})
    title = f"swath test {' '.join(names)}"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            f"<h1>{escape(title)}</h1>",
            *_overview(reports),
            *(line for number, one in enumerate(reports) for line in _place(number, one)),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _overview(reports: Sequence[Report]) -> Iterator[str]:
    yield '<table><thead><tr><th scope="col">place</th><th scope="col">passed</th>'
    yield '<th scope="col">failed</th><th scope="col">seconds</th></tr></thead><tbody>'
    for number, one in enumerate(reports):
        passed = sum(result.passed for result in one.all_results)
        yield f'<tr><th scope="row"><a href="#place-{number}">{escape(one.algorithm)} on {escape(one.where)}</a></th>'
        yield f"<td>{passed}</td><td>{len(one.all_results) - passed}</td>"
        yield f"<td>{sum(result.took_s for result in one.all_results):.2f}</td></tr>"
    yield "</tbody></table>"


def _place(number: int, report: Report) -> Iterator[str]:
    yield f'<section id="place-{number}"><h2>{escape(report.algorithm)} on {escape(report.where)}</h2>'
    if not report.results:
        yield '<p class="failed">there are no examples to run</p>'
    for one in report.all_results:
        yield from _case(one)
    yield "</section>"


def _case(result: Result) -> Iterator[str]:
    word = "passed" if result.passed else "failed"
    yield f'<details{"" if result.passed else " open"}><summary><span class="{word}">{word}</span> '
    yield f"{escape(result.case)} ({result.took_s:.2f} s)</summary>"
    if result.differences:
        yield f"<ul>{''.join(f'<li><pre>{escape(one)}</pre></li>' for one in result.differences)}</ul>"
    if result.evidence:
        yield from _evidence(result.evidence)
    yield "</details>"


def _evidence(evidence: Evidence) -> Iterator[str]:
    is_north_up = any(  # outlines of a georeferenced image are longitude and latitude, else columns and rows
        isinstance(one, Image) and one.crs for one in evidence.inputs.values()
    )
    yield '<h3>inputs</h3><div class="row">'
    for name, value in evidence.inputs.items():
        yield from _figures(name, value, is_north_up)
    yield "</div>"
    expected, actual = evidence.expected or {}, evidence.actual or {}
    for name in dict.fromkeys((*expected, *actual)):
        yield f'<h3>output {escape(name)}</h3><div class="row">'
        tolerance = evidence.tolerances.get(name, {})
        yield from _output("", expected.get(name), actual.get(name), tolerance, is_north_up)
        yield "</div>"


def _output(name: str, expected: Any, actual: Any, tolerance: Tolerance, is_north_up: bool) -> Iterator[str]:
    if _has_image(expected) and _has_image(actual):
        for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
            yield from _output(f"{name}/{index}", left, right, tolerance, is_north_up)
        return
    if expected is not None:
        yield from _figures(f"expected {name}".rstrip(), expected, is_north_up, "expected")
    if actual is not None:
        yield from _figures(f"actual {name}".rstrip(), actual, is_north_up, "actual")
    if isinstance(expected, Image) and isinstance(actual, Image):
        yield _difference(name, expected, actual, tolerance)
    elif is_drawable(expected) and is_drawable(actual):
        svg = drawing((("expected", cast(Any, expected)), ("actual", cast(Any, actual))), is_north_up=is_north_up)
        yield f"<figure>{svg}<figcaption>over each other: expected wide and blue, actual narrow and orange</figcaption>"
        yield "</figure>"


def _difference(name: str, expected: Image, actual: Image, tolerance: Tolerance) -> str:
    pictured = difference_picture(expected, actual, tolerance)
    if pictured is None:
        return "<p>no difference picture: their shapes differ</p>"
    png, share = pictured
    words = f"difference {name}".rstrip() + f": {share:.4%} of the pixels differ, in red"
    return _picture(png, words)


def _figures(name: str, value: Any, is_north_up: bool, kind: str = "actual") -> Iterator[str]:
    """A value in pictures where it can be, else as text; a list of images one by one."""
    if isinstance(value, Image):
        shape = f"{value.width} × {value.height} px, {value.count} bands, {value.dtype}"
        yield _picture(quicklook(value), f"{name}: {shape}") if value.array.size else f"<p>{escape(name)}: {shape}</p>"
    elif _has_image(value):
        for index, one in enumerate(value):
            yield from _figures(f"{name}/{index}", one, is_north_up, kind)
    elif is_drawable(value):
        svg = drawing(((kind, value),), is_north_up=is_north_up)
        count = len(cast(dict[str, Any], value).get("features", (value,)))
        yield f"<figure>{svg}<figcaption>{escape(name)}: {count} features</figcaption></figure>"
    else:
        yield f"<figure><pre>{escape(_text(value))}</pre><figcaption>{escape(name)}</figcaption></figure>"


def _picture(png: bytes, words: str) -> str:
    data = pybase64.b64encode_as_string(png)
    text = escape(words)
    return f'<figure><img src="data:image/png;base64,{data}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def _has_image(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Image) for one in cast(list[Any], value))


def _text(value: Any) -> str:
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2, default=_inner).decode()
    except (orjson.JSONEncodeError, TypeError):
        text = repr(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _inner(value: Any) -> str:
    return f"image {value.shape}" if isinstance(value, Image) else repr(value)
