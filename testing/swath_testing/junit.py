"""Reports as JUnit XML, in the form that CI systems read (testsuites, testsuite, testcase, failure)."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from swath_testing.report import Report, Result

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def junit_xml(reports: Sequence[Report]) -> bytes:
    """The document: a suite a place, a case an example, seconds as decimals.

    An algorithm without examples is a suite with one failure, since it does not pass.
    """
    root = Element("testsuites", {"name": "swath test"})
    counts = [_suite(root, report) for report in reports]
    tests, failures = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    took_s = sum(one.took_s for report in reports for one in report.all_results)
    root.attrib |= {"tests": str(tests), "failures": str(failures), "errors": "0", "time": f"{took_s:.3f}"}
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _suite(root: Element, report: Report) -> tuple[int, int]:
    none = () if report.results else (Result("examples", ("there are no examples to run",), 0.0),)
    results = (*none, *report.all_results)
    failures = sum(not one.passed for one in results)
    name = f"{report.algorithm} on {report.where}"
    counted = {"tests": len(results), "failures": failures, "errors": 0, "skipped": 0}
    took_s = sum(one.took_s for one in results)
    figures = {key: str(value) for key, value in counted.items()}
    suite = SubElement(root, "testsuite", {"name": _clean(name), **figures, "time": f"{took_s:.3f}"})
    for one in results:
        facts = {"name": _clean(one.case), "classname": _clean(name), "time": f"{one.took_s:.3f}"}
        case = SubElement(suite, "testcase", facts)
        if not one.passed:
            first = one.differences[0].splitlines()[0] if one.differences[0] else "failed"
            failure = SubElement(case, "failure", {"message": _clean(first), "type": "difference"})
            failure.text = _clean("\n".join(one.differences))
    return len(results), failures


def _clean(text: str) -> str:
    """The text with U+FFFD for each character that XML can't hold."""
    return NOT_XML.sub("\ufffd", text)
