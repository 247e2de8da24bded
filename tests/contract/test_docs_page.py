"""The page at /docs, over the wire."""

import pytest

from swath_runtime.docs_room import ASSETS

PAGE = "/api/v1/docs"


@pytest.mark.parametrize("path", [PAGE, *(f"{PAGE}/{name}" for name in ASSETS)])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_every_runtime_serves_the_page_alike(serve, path, coding):
    serve("echo").send("GET", path, headers={"Accept-Encoding": coding}).expect(200)


def test_a_page_that_has_not_changed_is_not_sent_again_by_any_runtime(serve):
    client = serve("echo")
    tag = client.send("GET", PAGE).headers["etag"]
    assert client.send("GET", PAGE, headers={"If-None-Match": tag}).expect(304).body == b""
