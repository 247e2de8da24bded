"""Whether an archive keeps to the OCI image specification: documents by schemas in our words, blobs by digests."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import zstandard

SCHEMAS = Path(__file__).parent / "oci_schemas"


def broken_rules(archive: Path) -> list[str]:
    """What is wrong with an archive, in words; nothing where it keeps to the specification."""
    with tarfile.open(archive) as tar:
        files = {one.name: (tar.extractfile(one) or io.BytesIO()).read() for one in tar if one.isfile()}
    index = json.loads(files["index.json"])
    found = [*_against("layout", json.loads(files["oci-layout"])), *_against("index", index)]
    for entry in index["manifests"]:
        manifest = json.loads(_blob(files, entry, found))
        config = json.loads(_blob(files, manifest["config"], found))
        found += [
            *_against("manifest", manifest),
            *_against("config", config),
            *_layers(files, manifest, config, found),
        ]
    return found


def _layers(files: dict[str, bytes], manifest: dict[str, Any], config: dict[str, Any], found: list[str]) -> list[str]:
    wrong: list[str] = []
    told = config["rootfs"]["diff_ids"]
    if len(told) != len(manifest["layers"]):
        wrong.append(f"{len(told)} diff_ids for {len(manifest['layers'])} layers")
    filled = [one for one in config.get("history", ()) if not one.get("empty_layer")]
    if len(filled) != len(told):
        wrong.append(f"{len(filled)} entries of history for {len(told)} layers")
    for entry, diff_id in zip(manifest["layers"], told, strict=False):
        content = _unpacked(_blob(files, entry, found), entry["mediaType"])
        if f"sha256:{hashlib.sha256(content).hexdigest()}" != diff_id:
            wrong.append(f"{entry['digest']} unpacks to another digest than {diff_id}")
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            names = [one.name for one in tar]
        if len(names) != len(set(names)):
            wrong.append(f"{entry['digest']} has an entry twice")
    return wrong


def _unpacked(content: bytes, media_type: str) -> bytes:
    if media_type.endswith("gzip"):
        return gzip.decompress(content)
    if media_type.endswith("zstd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(content)
    return content


def _blob(files: dict[str, bytes], entry: dict[str, Any], found: list[str]) -> bytes:
    content = files[f"blobs/{entry['digest'].replace(':', '/')}"]
    if entry["size"] != len(content) or entry["digest"] != f"sha256:{hashlib.sha256(content).hexdigest()}":
        found.append(f"{entry['digest']} is not what it is called")
    return content


def _against(kind: str, document: Any) -> list[str]:
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [f"{kind}: {one.json_path}: {one.message}" for one in validator.iter_errors(document)]
