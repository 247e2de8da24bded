"""description.json as the head of describe.yml: identity, resources, what no field holds under `x-pesto`."""

import re
from typing import Any, cast

from swath_algorithm.pesto.notes import Notes
from swath_registry.validation import Validator
from swath_schemas import load

SOURCE = "pesto/api/description.json"
SEMVER = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?[.\-_]?(.*)")
SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?)b?")
GIB, MOST_GB = 2**30, 1024  # a bare number up to this can't be meant in bytes
POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
SPDX = re.compile(r"[A-Za-z0-9.+-]+(\s+(AND|OR|WITH)\s+[A-Za-z0-9.+-]+)*")
IDENTITY = {"name", "title", "version", "family", "description", "organization", "email", "licence", "license"}
TAKEN = IDENTITY | {"keywords", "template", "resources", "asynchronous", "batched"}
OF_BATCHES = ("static_memory", "dynamic_memory", "max_batch_size")
FALLBACKS = {
    "family": "processing",
    "organization": "Unknown organization",
    "email": "contact@example.org",
}
Json = dict[str, Any]


def facts_of(description: Json, profiles: tuple[str, ...], notes: Notes) -> Json:
    """What describe.yml says beside input and output, valid against describe@1."""
    name = _name(description.get("name"), notes)
    facts: Json = {"name": name}
    facts["title"] = _text(description, "title", name, notes)
    facts["version"] = _version(description.get("version"), notes)
    facts["description"] = _text(description, "description", facts["title"], notes)
    for field, fallback in FALLBACKS.items():
        facts[field] = _text(description, field, fallback, notes)
    facts |= _license(description, notes) | _words(description, notes)
    facts["resources"] = _resources(_mapping(description.get("resources")), notes)
    facts["profiles"] = _profiles(facts["resources"], profiles, notes)
    if description.get("asynchronous") is True:
        facts["asynchronous"] = True
        message = "mapped; a stateful service wrote results to files and gave links: here a job's results are as typed"
        notes.decided(SOURCE, "/asynchronous", message)
    return facts


def left_over(description: Json, notes: Notes) -> Json:
    """Members that describe.yml has no field for, to be kept under x-pesto."""
    others = {key: value for key, value in description.items() if key not in TAKEN}
    resources = _mapping(description.get("resources"))
    for key in OF_BATCHES:
        if key in resources:
            others[key] = resources[key]
            notes.lost(SOURCE, f"/resources/{key}", "PESTO declared batches and made none: kept under x-pesto only")
    if description.get("batched"):
        others["batched"] = description["batched"]
        message = "PESTO called process() one by one all the same: kept under x-pesto only; process_batch makes batches"
        notes.lost(SOURCE, "/batched", message)
    for key in others:
        if key not in OF_BATCHES and key != "batched":
            notes.lost(SOURCE, f"/{key}", "describe.yml has no such field: kept under x-pesto only")
    return others


def size_bytes(value: Any) -> tuple[int, str] | None:
    """(bytes, how it was read) of a size such as 8, 8589934592, "500MB" or "2Gi"; None where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return (round(value * GIB), f"{value} read as GiB") if value <= MOST_GB else (round(value), "read as bytes")
    text = value.strip().lower() if isinstance(value, str) else ""
    found = SIZE.fullmatch(text)
    if not found:
        return None
    number, unit = float(found[1]), found[2]
    if not unit and number <= MOST_GB and not text.endswith("b"):
        return round(number * GIB), f"'{value}' read as GiB"
    base = 1024 if unit.endswith("i") else 1000
    return round(number * base ** POWERS[unit.removesuffix("i")]), f"'{value}' in bytes"


def _name(given: Any, notes: Notes) -> str:
    text = re.sub(r"[^a-z0-9]+", "-", str(given or "").lower()).strip("-")[:63].strip("-")
    name = text if text[:1].isalpha() else f"service-{text}".strip("-")[:63]
    if name == given:
        notes.mapped(SOURCE, "/name", name)
    else:
        notes.decided(SOURCE, "/name", f"'{given}' is '{name}': lower-case letters, digits and single hyphens")
    return name


def _text(description: Json, field: str, fallback: str, notes: Notes) -> str:
    """A field's text where describe@1 takes it, else the fallback."""
    value = description.get(field)
    if isinstance(value, str) and not Validator(load("describe@1")["properties"][field]).violations(value):
        notes.mapped(SOURCE, f"/{field}", field)
        return value
    reason = "is missing" if value is None else f"'{str(value)[:60]}' can't be taken"
    notes.decided(SOURCE, f"/{field}", f"{reason}: '{fallback}' was written; put in what is right")
    return fallback


def _version(given: Any, notes: Notes) -> str:
    valid = Validator(load("describe@1")["properties"]["version"])
    if isinstance(given, str) and not valid.violations(given):
        notes.mapped(SOURCE, "/version", given)
        return given
    found = SEMVER.fullmatch(str(given).strip().removeprefix("v")) if given is not None else None
    numbers = ".".join(str(int(one or 0)) for one in found.groups()[:3]) if found else "0.0.0"
    rest = re.sub(r"[^0-9A-Za-z-]+", ".", found[4]).strip(".") if found else ""
    version = f"{numbers}-{rest}" if rest and not valid.violations(f"{numbers}-{rest}") else numbers
    notes.decided(SOURCE, "/version", f"'{given}' is {version}: versions are semantic ones (1.2.3)")
    return version


def _license(description: Json, notes: Notes) -> Json:
    key = "licence" if "licence" in description else "license"
    given = description.get(key)
    if not isinstance(given, str) or not given.strip():
        return {}
    if SPDX.fullmatch(given):
        notes.mapped(SOURCE, f"/{key}", f"license: {given}")
        return {"license": given}
    name = "LicenseRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", given).strip("-")[:200]
    notes.decided(SOURCE, f"/{key}", f"'{given[:80]}' is no SPDX expression: {name}, the text under x-licence")
    return {"license": name, "x-licence": given}


def _words(description: Json, notes: Notes) -> Json:
    words: Json = {}
    keywords: Any = description.get("keywords")
    if isinstance(keywords, str):
        keywords = [keywords]
        notes.decided(SOURCE, "/keywords", "a text, made a list of one")
    if isinstance(keywords, list) and keywords:
        kept = list(dict.fromkeys(str(one)[:128] for one in cast(list[Any], keywords) if str(one)))
        words["keywords"] = kept
        notes.mapped(SOURCE, "/keywords", ", ".join(kept))
    if template := description.get("template"):
        name = re.sub(r"[^a-z0-9]+", "-", str(template).lower()).strip("-")[:63].strip("-")
        if name[:1].isalpha():
            words["template"] = name
            notes.mapped(SOURCE, "/template", name)
        else:
            notes.lost(SOURCE, "/template", f"'{template}' can't name a template")
    return words


def _resources(given: Json, notes: Notes) -> Json:
    resources: Json = {}
    cpu = given.get("cpu")
    if isinstance(cpu, int | float) and not isinstance(cpu, bool) and cpu > 0:
        resources["cpu"] = cpu
        notes.mapped(SOURCE, "/resources/cpu", f"{cpu} cores")
    else:
        resources["cpu"] = 1
        notes.decided(SOURCE, "/resources/cpu", f"{'is missing' if cpu is None else repr(cpu)}: 1 core was written")
    gpu = given.get("gpu")
    if isinstance(gpu, int | float) and gpu > 0:
        resources["gpu"] = max(1, round(gpu))
        notes.mapped(SOURCE, "/resources/gpu", f"{resources['gpu']} GPU")
    elif gpu not in (None, 0):
        notes.lost(SOURCE, "/resources/gpu", f"{gpu!r} is no number of GPUs")
    resources["ram"] = _ram(given, notes)
    for key in given.keys() - {"cpu", "gpu", "ram", *OF_BATCHES}:
        if key in {"cpuArch", "cpuPlatform"} and isinstance(given[key], str):
            resources[key] = given[key]
            notes.mapped(SOURCE, f"/resources/{key}", str(given[key]))
        else:
            notes.lost(SOURCE, f"/resources/{key}", "describe.yml has no such resource")
    return resources


def _ram(given: Json, notes: Notes) -> int:
    for key in ("ram", "static_memory"):
        if key in given and (size := size_bytes(given[key])):
            notes.decided(SOURCE, f"/resources/{key}", f"ram: {size[0]} bytes ({size[1]})")
            return size[0]
    notes.decided(SOURCE, "/resources/ram", "no size was found: 1 GiB was written")
    return GIB


def _profiles(resources: Json, profiles: tuple[str, ...], notes: Notes) -> list[str]:
    if "gpu" in profiles or resources.get("gpu"):
        message = "profiles: [cpu, gpu]; take cpu out if it can't run without a GPU"
        notes.decided(SOURCE, "/resources/gpu", message)
        return ["cpu", "gpu"]
    return ["cpu"]


def _mapping(value: Any) -> Json:
    return cast(Json, value) if isinstance(value, dict) else {}
