"""The site as a folder: every link leads somewhere, every page is sound HTML, the same versions give the same bytes."""

import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from swath_registry.catalogue import Catalogue, NothingPublished
from swath_registry.cli import registry
from swath_registry.site.files import Site
from swath_registry.site.markup import VOID, prose, tag, text
from swath_registry.site.writing import NotASite, write_site
from swath_schemas import PUBLISHED


class Page(HTMLParser):
    """A page that was read strictly: every element closed in its turn, every id once."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        assert len(told) == len(attrs), f"an attribute twice in <{tag}>"
        self.elements.append((tag, told))
        self.links += [told[name] for name in ("href", "src") if name in told]
        self.ids += [told["id"]] if "id" in told else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def folder(site_folder: Path) -> Path:
    return site_folder


@pytest.fixture(scope="session")
def pages(site_folder: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in site_folder.rglob("*.html")}


def test_there_is_a_page_for_each_type_and_each_version(folder: Path, catalogue: Catalogue):
    for entry in catalogue.entries:
        assert (folder / "schemas" / entry.schema.type / "index.html").is_file()
        assert (folder / "schemas" / entry.schema.type / entry.schema.version / "index.html").is_file()


def test_every_link_of_every_page_leads_somewhere(folder: Path, pages: dict[Path, Page]):
    count = 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            assert not parts.scheme and not parts.netloc, f"{path} leads outside: {link}"
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file() and target.is_relative_to(folder), f"{path}: {link}"
            if parts.fragment:
                assert unquote(parts.fragment) in pages[target].ids, f"{path}: {link}"
            count += 1
    assert count > 1000


def test_every_page_can_be_read_by_everyone(pages: dict[Path, Page]):
    for path, page in pages.items():
        names = [name for name, _ in page.elements]
        assert len(page.ids) == len(set(page.ids)), path
        assert ("html", {"lang": "en"}) in page.elements
        assert [names.count(one) for one in ("title", "main", "h1", "header")] == [1, 1, 1, 1], path
        levels = [int(name[1]) for name in names if re.fullmatch("h[1-6]", name)]
        assert all(after <= before + 1 for before, after in pairwise(levels)), path
        labelled = {told.get("for") for name, told in page.elements if name == "label"}
        assert {told["id"] for name, told in page.elements if name == "input"} <= labelled
        assert all("scope" in told for name, told in page.elements if name == "th")


def test_every_address_of_the_index_is_a_file(folder: Path):
    index = json.loads((folder / "index.json").read_text())
    for versions in index["types"].values():
        for each in versions:
            assert json.loads((folder / each["schema"]).read_text())["$id"] == each["id"]
            assert (folder / each["bundle"]).is_file()
            assert (folder / each["page"]).is_file()
    assert index["aliases"]["image/1.0"] == "1.0.0"


def test_every_id_is_a_path_below_the_root(folder: Path, catalogue: Catalogue):
    for entry in catalogue.entries:
        path = folder / entry.schema.uri.removeprefix(f"{entry.schema.base_uri}/")
        assert path.read_bytes() == PUBLISHED.path(entry.schema).read_bytes()


def test_every_example_is_there_as_it_was_published(folder: Path, catalogue: Catalogue):
    for entry in catalogue.entries:
        beside = folder / "schemas" / entry.schema.type / entry.schema.version
        told = json.loads((beside / "examples.json").read_text())
        for each in told["valid"] + told["invalid"]:
            published = PUBLISHED.path(entry.schema).parent / each["href"]
            assert (beside / each["href"]).read_bytes() == published.read_bytes()


def test_a_page_tells_type_unit_bounds_and_description_of_each_property(folder: Path):
    page = (folder / "schemas/image/1.0.0/index.html").read_text(encoding="utf-8")
    row = page[page.index("<code>gsd</code>") :].partition("</tr>")[0]
    cells = [re.sub("<[^>]+>", "", cell) for cell in re.split("<td[^>]*>", row)[1:]]
    assert cells == ["number", "m", "&gt; 0, ≤ 1000000", "Ground sample distance of the finest band. Metres."]


def test_a_page_says_what_is_required_and_what_goes_together(folder: Path):
    page = Page((folder / "schemas/image/1.0.0/index.html").read_text(encoding="utf-8")).text
    assert "name required" in page
    assert "Exactly one of: href · data." in page
    assert "transform needs crs beside it." in page


def test_every_property_of_every_type_is_on_its_page(folder: Path, pages, catalogue: Catalogue):
    for entry in catalogue.entries:
        shown = pages[folder / "schemas" / entry.schema.type / entry.schema.version / "index.html"].text
        schema = catalogue.store.load(entry.schema)
        for part in [schema, *schema.get("$defs", {}).values()]:
            assert all(name in shown for name in part.get("properties", {})), entry


def test_a_later_version_says_what_changed_since_the_one_before(registry_of):
    old = {"type": "object", "description": "A thing.", "properties": {"a": {"type": "string"}}}
    new = {**old, "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    site = Site(Catalogue(registry_of({"a@1.0.0": old, "a@1.1.0": new})))
    page = Page(site.read("schemas/a/1.1.0/index.html").decode())
    assert "Changes since 1.0.0" in page.text
    assert "/properties/b" in page.text
    told = json.loads(site.read("schemas/a/1.1.0/diff/1.0.0.json"))
    assert (told["from"], told["to"]) == ("a@1.0.0", "a@1.1.0")
    assert any(change["pointer"] == "/properties/b" for change in told["changes"])
    assert "newer version: a@1.1.0" in Page(site.read("schemas/a/1.0.0/index.html").decode()).text


def test_what_stands_in_a_schema_cannot_break_its_page(registry_of):
    evil = '<script>alert("x")</script>'
    schema = {
        "type": "object",
        "title": evil,
        "description": f"{evil}. `{evil}`",
        "properties": {evil: {"type": "string", "pattern": evil, "default": evil, "x-ogc-unit": evil}},
        "patternProperties": {evil: True},
        "$defs": {'"><b>': {"enum": [evil], "description": evil}},
        "dependentRequired": {evil: [evil]},
    }
    site = Site(Catalogue(registry_of({"a@1.0.0": schema})))
    for path in ("index.html", "schemas/a/index.html", "schemas/a/1.0.0/index.html"):
        scripts = [told for name, told in Page(site.read(path).decode()).elements if name in {"script", "b"}]
        assert [told.get("src", "")[-14:] for told in scripts] == ["assets/site.js"]


def test_the_same_versions_give_the_same_bytes_anywhere(folder: Path, tmp_path: Path):
    out = tmp_path / "again"
    command = [sys.executable, "-m", "swath_cli", "registry", "site", "--out", str(out)]
    environ = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run(command, check=True, capture_output=True, env=environ)
    assert contents(out) == contents(folder)


def test_the_checksums_are_those_of_the_files(folder: Path):
    told = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    found = {name: digest for name, digest in contents(folder).items() if name != "SHA256SUMS"}
    assert told == found


def test_nothing_is_loaded_from_elsewhere(folder: Path):
    for path in [*folder.rglob("*.css"), *folder.rglob("*.js")]:
        content = path.read_text(encoding="utf-8")
        assert "//" not in re.sub(r"^\s*//.*$", "", content, flags=re.MULTILINE), path
        assert not re.search(r"\bfetch\(|XMLHttpRequest|@import|url\(", content), path


def test_every_entry_of_the_search_leads_somewhere(folder: Path, pages: dict[Path, Page]):
    script = (folder / "assets/search.js").read_text(encoding="utf-8")
    entries = json.loads(script.removeprefix("swathSearch(").removesuffix(");\n"))
    for _, address, _ in entries:
        path, _, anchor = address.partition("#")
        assert not anchor or anchor in pages[folder / path].ids
    assert any(name == "image imageObject › gsd" for name, _, _ in entries)


def test_a_second_run_replaces_the_first(tmp_path: Path, registry_of):
    schema = {"type": "object", "description": "A thing."}
    for name, versions in (("one", ["a@1.0.0", "b@1.0.0"]), ("two", ["a@1.0.0"])):
        site = Site(Catalogue(registry_of(dict.fromkeys(versions, schema), name)))
        assert list(write_site(site, tmp_path / "out"))
    assert not (tmp_path / "out/schemas/b").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "out", "two"]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path, catalogue: Catalogue):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(NotASite) as found:
        list(write_site(Site(catalogue), tmp_path))
    assert (found.value.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, ["thesis.txt"])


def test_a_site_that_can_not_be_made_leaves_the_old_one(tmp_path: Path, registry_of):
    schema = {"type": "object", "description": "A thing."}
    root = registry_of({"a@1.0.0": schema, "b@1.0.0": schema})
    list(write_site(Site(Catalogue(root)), tmp_path / "out"))
    before = contents(tmp_path / "out")
    shutil.rmtree(root / "b")
    with pytest.raises(Exception, match=r"b.1\.0\.0"):
        list(write_site(Site(Catalogue(root)), tmp_path / "out"))
    assert contents(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "registry"]


def test_nothing_published_is_told(tmp_path: Path):
    (tmp_path / "registry.json").write_text('{"base_uri": "https://schemas.example"}')
    done = CliRunner().invoke(registry, ["site", "--out", str(tmp_path / "out"), "--root", str(tmp_path)])
    assert isinstance(done.exception, NothingPublished)
    assert not (tmp_path / "out").exists()


def test_markup_escapes_text_and_nothing_else():
    assert tag("a", "<&>", tag("b", None, ["x"]), href='"') == '<a href="&quot;">&lt;&amp;&gt;<b>x</b></a>'
    assert prose("a `<` b") == "a <code>&lt;</code> b"
    assert prose("an odd ` one <") == text("an odd ` one <")


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
