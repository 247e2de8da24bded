"""Correlation and trace headers, as an orchestrator relies on them."""

import re

import pytest


def test_a_correlation_id_comes_back(serve):
    answer = serve("echo").send("GET", "/api/v1/version", headers={"X-Correlation-ID": "order-17/b"})
    assert answer.headers["x-correlation-id"] == "order-17/b"


@pytest.mark.parametrize("given", ["", "x" * 129, "two words"])
def test_an_unusable_correlation_id_is_replaced(serve, given):
    client = serve("echo").backend  # a fresh id differs from reply to reply
    answer = client.send("GET", "/api/v1/version", headers={"X-Correlation-ID": given})
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-correlation-id"])


def test_a_trace_parent_comes_back(serve):
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert serve("echo").send("GET", "/api/v1/health", headers={"traceparent": parent}).headers["traceparent"] == parent


def test_a_malformed_trace_parent_is_dropped(serve):
    answer = serve("echo").send("GET", "/api/v1/health", headers={"traceparent": "nonsense"})
    assert "traceparent" not in answer.headers
