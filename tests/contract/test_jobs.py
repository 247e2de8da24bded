"""Jobs, as an orchestrator and geoprocessing-api's clients meet them."""

import json
import uuid

import pytest
from contract.conftest import base64_of, make_image, tiff

from swath_converters.image import decode_image, encode_image
from swath_converters.policy import Policy
from swath_registry.validation import Validator

JOBS = "/api/v1/jobs"
JSON = {"Content-Type": "application/json"}
NOBODY = "d4952312-5753-45f4-a01a-2d0950f0adf8"


def post(client, body=None, headers=JSON, path=JOBS):
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return client.send("POST", path, content, headers)


def ended(client, body=None, headers=JSON, path=JOBS):
    """The path of a job that has ended."""
    job = f"{JOBS}/{post(client, body, headers, path).expect(200).json['id']}"
    client.send_until(lambda answer: answer.json["status"] not in {"ACCEPTED", "RUNNING"}, "GET", job)
    return job


def test_a_post_is_answered_with_a_reference_to_the_status(serve):
    answer = post(serve("gated")).expect(200)
    said = answer.json
    assert said["href"] == said["link"] == f"http://swath.test{JOBS}/{said['id']}/status"
    assert (said["relation"], said["type"], said["method"], said["status"]) == (
        "status",
        "application/json",
        "GET",
        "ACCEPTED",
    )
    assert answer.headers["location"] == said["href"]
    assert uuid.UUID(said["id"]).version == 4


@pytest.mark.parametrize("path", ["", "/status"])
def test_the_status_is_a_valid_job_document(serve, path):
    client = serve("gated")
    document = client.send("GET", ended(client) + path).expect(200).json
    assert Validator("job@1").violations(document) == []
    assert (document["status"], document["progress"], document["process"]) == ("SUCCEEDED", 100, "gated@1.0.0")
    assert {"created", "started", "updated", "finished"} <= document.keys()


def test_links_of_a_job_lead_to_answers(serve):
    client = serve("gated")
    links = client.send("GET", ended(client)).json["_links"]
    assert links.keys() == {"self", "events", "results"}
    for link in links.values():
        client.send("HEAD", link["href"].removeprefix("http://swath.test")).expect(200)


def test_a_value_is_a_result_as_json(serve):
    client = serve("gated")
    job = ended(client, {"what": "answer"})
    (result,) = client.send("GET", f"{job}/results").expect(200).json
    assert result["id"] == "what"
    assert result["_link"]["type"] == "application/json"
    answer = client.send("GET", result["_link"]["href"].removeprefix("http://swath.test")).expect(200)
    assert (answer.headers["content-type"], answer.json) == ("application/json", "answer")


@pytest.mark.parametrize("form", ["json", "raw", "multipart"])
def test_every_form_of_request_is_taken(serve, form, geotiff):
    client = serve("echo")
    boundary = (
        b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.tif"\r\nContent-Type: image/tiff\r\n\r\n'
    )
    body, kind = {
        "json": (json.dumps({"image": base64_of(geotiff)}).encode(), "application/json"),
        "raw": (geotiff, "image/tiff"),
        "multipart": (boundary + geotiff + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    }[form]
    job = ended(client, body, {"Content-Type": kind})
    answer = client.send("GET", f"{job}/results/image").expect(200)
    assert answer.headers["content-type"] == "image/tiff"
    assert (decode_image(answer.body, Policy()).array == decode_image(geotiff, Policy()).array).all()


@pytest.mark.parametrize("kind", ["image/tiff", "application/x-npy"])
def test_a_result_larger_than_a_chunk_comes_whole(serve, kind):
    client = serve("echo")
    body = encode_image(_large(), kind)
    answer = client.send("GET", f"{ended(client, body, {'Content-Type': kind})}/results/image").expect(200)
    assert int(answer.headers["content-length"]) == len(answer.body) > 1 << 20
    assert (decode_image(answer.body, Policy()).array == decode_image(body, Policy()).array).all()


def test_inputs_in_the_query_count(serve):
    client = serve("gated")
    job = ended(client, b"", {}, f"{JOBS}?what=answer")
    assert client.send("GET", f"{job}/results/what").json == "answer"


def test_images_of_a_list_are_results_of_their_own(serve):
    client = serve("reversed_list")
    images = [base64_of(tiff(make_image("uint8", count))) for count in (1, 2)]
    job = ended(client, {"images": images})
    results = {one["id"]: one["_link"]["type"] for one in client.send("GET", f"{job}/results").json}
    assert results == {
        "images": "application/json",
        "ships": "application/json",
        "images/0": "application/x-npz",
        "images/1": "application/x-npz",
    }
    assert decode_image(client.send("GET", f"{job}/results/images/0").expect(200).body, Policy()).count == 2


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"what": "nonsense"}', "application/json", 400),
        (b'{"unknown": 1}', "application/json", 400),
        (b"x", "text/plain", 415),
        (b"x", "image/tiff", 415),
    ],
)
def test_bad_input_is_refused_at_once(serve, body, kind, status):
    assert post(serve("gated"), body, {"Content-Type": kind}).expect(status).json["status"] == status


def test_a_failed_job_says_why_as_a_request_would(serve):
    client = serve("always_fails")
    job = client.send("GET", ended(client, {"text": "secret-7"})).json
    assert job["status"] == "FAILED"
    assert Validator("job@1").violations(job) == []
    assert job["error"]["type"].endswith("/algorithm-failed")
    assert job["error"]["correlationId"] == "contract-suite"
    assert "secret-7" not in json.dumps(job) and "token" not in json.dumps(job)


def test_an_image_that_can_not_be_read_fails_the_job(serve):
    client = serve("echo")
    job = client.send("GET", ended(client, b"no image", {"Content-Type": "image/tiff"})).json
    assert (job["status"], job["error"]["status"]) == ("FAILED", 422)


@pytest.mark.parametrize("path", ["results", "results/text"])
def test_a_job_that_failed_has_no_results(serve, path):
    client = serve("always_fails")
    problem = client.send("GET", f"{ended(client, {'text': 'x'})}/{path}").expect(404).json
    assert "FAILED" in problem["message"]


@pytest.mark.parametrize("path", ["", "/status", "/results", "/results/what", "/events"])
@pytest.mark.parametrize("ident", [NOBODY, "17", "..", "%00", NOBODY.replace("-", "")])
def test_an_unknown_job_is_404(serve, ident, path):
    assert serve("gated").send("GET", f"{JOBS}/{ident}{path}").expect(404).json["status"] == 404


@pytest.mark.parametrize("path", ["", "/results", "/results/what"])
def test_an_unknown_job_can_not_be_deleted(serve, path):
    serve("gated").send("DELETE", f"{JOBS}/{NOBODY}{path}").expect(404)


def test_a_job_that_ended_is_removed_with_its_results(serve):
    client = serve("gated")
    job = ended(client)
    assert client.send("DELETE", job).expect(204).body == b""
    for path in (job, f"{job}/results/what"):
        client.send("GET", path).expect(404)
    client.send("DELETE", job).expect(404)


def test_one_result_is_removed_alone(serve):
    client = serve("reversed_list")
    job = ended(client, {"images": [base64_of(tiff(make_image("uint8", 1)))]})
    client.send("DELETE", f"{job}/results/images/0").expect(204)
    client.send("DELETE", f"{job}/results/images/0").expect(404)
    assert [one["id"] for one in client.send("GET", f"{job}/results").json] == ["images", "ships"]


def test_all_results_are_removed_and_the_job_stays(serve):
    client = serve("gated")
    job = ended(client)
    client.send("DELETE", f"{job}/results").expect(204)
    assert client.send("GET", f"{job}/results").expect(200).json == []
    assert client.send("GET", job).json["status"] == "SUCCEEDED"


def test_a_job_that_ended_has_one_event(serve):
    client = serve("gated")
    job = ended(client)
    answer = client.send("GET", f"{job}/events").expect(200)
    assert answer.headers["content-type"] == "text/event-stream"
    event = answer.body.decode().strip().split("\n\n")[-1].splitlines()
    assert event[0].startswith("id: ")
    assert json.loads(event[1].removeprefix("data: "))["status"] == "SUCCEEDED"


def test_who_has_heard_the_last_event_is_told_to_come_no_more(serve):
    client = serve("gated")
    job = ended(client)
    last = client.send("GET", f"{job}/events").body.decode().split("id: ")[-1].split("\n")[0]
    client.send("GET", f"{job}/events", headers={"Last-Event-ID": last}).expect(204)


def test_a_list_is_of_valid_jobs_with_pages(serve):
    client = serve("background").backend  # the core has had jobs of other tests too
    newest = [post(client).json["id"] for _ in range(3)][::-1]
    page = client.send("GET", f"{JOBS}?size=2").expect(200).json
    assert [one["id"] for one in page["jobs"]] == newest[:2]
    assert (page["count"], page["total"] >= 3) == (2, True)
    assert all(Validator("job@1").violations(one) == [] for one in page["jobs"])
    assert {"self", "first", "next", "last"} == page["_links"].keys()
    post(client)
    further = client.send("GET", page["_links"]["next"]["href"].removeprefix("http://swath.test")).expect(200).json
    assert further["jobs"][0]["id"] == newest[2]  # the job that came in meanwhile shifted nothing


def test_a_list_can_be_of_some_states(serve):
    client = serve("background")
    ended(client)
    client = client.backend
    statuses = {one["status"] for one in client.send("GET", f"{JOBS}?status=SUCCEEDED,failed&size=5").json["jobs"]}
    assert statuses == {"SUCCEEDED"}
    assert client.send("GET", f"{JOBS}?status=CANCELLED").json["total"] == 0


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "size=1001", "size=", "status=DONE", "until=soon", "staus=FAILED"]
)
def test_a_query_that_means_nothing_is_refused(serve, query):
    assert serve("gated").send("GET", f"{JOBS}?{query}").expect(400).json["hint"]


def test_a_callback_is_refused_where_none_is_allowed(serve):
    answer = post(serve("gated"), headers=JSON | {"X-Callback-URL": "https://hooks.example/done"}).expect(400)
    assert "SWATH_CALLBACK_HOSTS" in answer.json["hint"]


def test_process_of_an_asynchronous_service_accepts_a_job(serve):
    client = serve("background")
    job = ended(client, {"steps": 3}, path="/api/v1/process")
    assert client.send("GET", f"{job}/results/steps").json == 3


def test_process_of_an_asynchronous_service_is_described_so(serve):
    document = serve("background").send("GET", "/api/v1/openapi").json
    answer = document["paths"]["/process"]["post"]["responses"]["200"]
    assert "Location" in answer["headers"]


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", JOBS), ("POST", f"{JOBS}/{NOBODY}"), ("POST", f"{JOBS}/{NOBODY}/events")]
)
def test_other_methods_are_405(serve, method, path):
    serve("gated").send(method, path).expect(405)


def _large():
    import numpy as np

    from swath_converters import Image

    return Image(np.random.default_rng(5).integers(0, 255, (1, 1200, 1200), np.uint8))
