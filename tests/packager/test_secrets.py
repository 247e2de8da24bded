"""Secrets in an algorithm's folder: left out and told, or refused; never quoted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from swath_packager.secrets import SecretsInFolder, is_holder, left_behind, refuse_secrets, without_credentials

PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    "name",
    [".env", ".env.local", "prod.env", ".netrc", "_netrc", "netrc", ".pypirc", "pip.conf", "id_rsa", "id_ed25519.old",
     "server.pem", "tls.key", "store.p12", "credentials", "credentials.json", "service-account.json", "secrets.yml",
     "client_secret_42.json", ".aws", ".ssh", ".git-credentials", "terraform.tfstate", "ID_RSA", "Server.PEM"],
)  # fmt: skip
def test_what_holds_secrets_is_known_by_its_name(name: str) -> None:
    assert is_holder(name)


@pytest.mark.parametrize(
    "name", ["process.py", "keys.py", "monkey.json", "environment.yml", "model.onnx", "secrets_test.py", "public.txt"]
)
def test_what_only_sounds_like_it_is_kept(name: str) -> None:
    assert not is_holder(name)


def test_what_stays_behind_is_listed_once(folder: Callable[..., Path]) -> None:
    files = {".env": "A=1", "keys/id_rsa": PRIVATE, ".aws/credentials": "x", ".aws/config": "y", "table.csv": "1"}
    assert left_behind(folder(files=files)) == [".aws", ".env", "keys/id_rsa"]


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("deploy_key.txt", f"# ours\n{PRIVATE}", "deploy_key.txt:2: a private key"),
        (
            "requirements.txt",
            "numpy\n--index-url https://me:hunter2@index.example/simple\n",
            "requirements.txt:2: a URL",
        ),
        ("notes.txt", "s3 AKIAPLANTEDPLANTED12 hunter2\n", "notes.txt:1: an access key or token"),
        ("data/push.py", f"TOKEN = 'ghp_{'a1' * 18}'\n", "data/push.py:1: an access key or token"),
    ],
)
def test_a_text_with_a_secret_is_refused_with_its_place_and_not_quoted(
    folder: Callable[..., Path], name: str, text: str, place: str
) -> None:
    made = folder(files={name: text})
    with pytest.raises(SecretsInFolder) as caught:
        refuse_secrets(made, [made / name])
    assert place in str(caught.value)
    assert "hunter2" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "text",
    ["https://index.example/simple", "https://${USER}:${PASSWORD}@index.example", "https://<user>:<password>@x.y",
     "git+ssh://git@host.example/a.git", "see http://a.example:8080/@home", "-----BEGIN PUBLIC KEY-----",
     "-----BEGIN CERTIFICATE-----"],
)  # fmt: skip
def test_a_text_without_one_passes(folder: Callable[..., Path], text: str) -> None:
    made = folder(files={"notes.txt": text})
    refuse_secrets(made, [made / "notes.txt"])


def test_an_example_in_prose_passes(folder: Callable[..., Path]) -> None:
    made = folder(files={"README.md": "For instance https://user:password@host.example/simple"})
    refuse_secrets(made, [made / "README.md"])


def test_a_models_bytes_are_not_looked_through(folder: Callable[..., Path]) -> None:
    made = folder()
    (made / "model.onnx").write_bytes(b"\0\1" + PRIVATE.encode())
    refuse_secrets(made, [made / "model.onnx"])


def test_a_quoted_url_loses_its_credentials() -> None:
    said = "Failed to fetch: `https://me:hunter2@index.example/simple/numpy/` and git+https://token@x.y/z"
    assert without_credentials(said) == ("Failed to fetch: `https://index.example/simple/numpy/` and git+https://x.y/z")
