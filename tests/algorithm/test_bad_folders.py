"""A good folder with one mistake: one finding, at its place, that says what is wrong and what to write."""

# ruff: noqa: E501 - one situation a line

from importlib.util import find_spec
from pathlib import Path

import pytest
from algorithm.folders import good, spoiled

from swath_algorithm.check import check
from swath_cli.main import run

D, P = "describe.yml", "process.py"
IN, EX, TO = (f"examples/one/{name}.json" for name in ("input", "expected", "tolerances"))
INPUTS = "image: Image, threshold: float"
R = "requirements.txt"
THRESHOLD = "type: number\n      default: 0.5"

# situation: (file, what stands there, what is written instead, place of the finding, what it says)
BAD: dict[str, tuple[str, str, str | bytes | None, str, str]] = {
    # describe.yml as a document
    "no_description": (D, "", None, D, "there is no describe.yml; copy one"),
    "empty_description": (D, "", "# nothing yet\n", f"{D}:1:1", "the file is empty; copy one"),
    "description_is_a_list": (D, "", "- name: probe\n", f"{D}:1:1", "must be an object, not an array"),
    "description_is_not_utf8": (D, "A mask", "Größe".encode("latin-1"), f"{D}:1:1", "is not UTF-8 text"),
    "tab": (D, "  cpu", "\tcpu", f"{D}:9:1", "indent with spaces, not with tabs"),
    "indentation": (D, "  ram:", " ram:", f"{D}:10:2", "look at the indentation"),
    "key_twice": (D, "family: test", "name: other", f"{D}:4:1", "has the key 'name' twice"),
    # describe.yml against describe@1
    "key_misspelt": (D, "cpu: 1", "cpus: 1\n  cpu: 1", f"{D}:9:3", "/resources/cpus: is not a known property; did you mean 'cpu'?"),
    "field_missing": (D, "family: test\n", "", f"{D}:1:1", "the document: lacks 'family'"),
    "version_is_a_number": (D, "1.0.0", "1.0", f"{D}:3:1", "/version: must be a string, not a number; write a semantic version, such as 1.0.0"),
    "version_is_not_semantic": (D, "1.0.0", "v1.0.0", f"{D}:3:1", "such as 1.0.0"),
    "name_with_capitals": (D, "name: probe", "name: Probe", f"{D}:1:1", "lower-case letters, digits and single hyphens"),
    "title_is_a_number": (D, "title: Probe", "title: 2", f"{D}:2:1", "/title: must be a string, not an integer; put it in quotes"),
    "no_email": (D, "tests@swath.example", "tests", f"{D}:7:1", "must be an e-mail address; write an address, such as team@example.org"),
    "input_is_no_object": (D, "type: object", "type: image", f"{D}:12:3", "/input/type: must be \"object\"; write type: object, and each input under properties"),
    "output_is_no_object": (D, "output:\n  type: object", "output:\n  type: array", f"{D}:21:3", "write type: object, and each output under properties"),
    # the schemas in it
    "unknown_type": (D, "image/1", "imge/1", f"{D}:15:7", "'imge' is no type of this registry; did you mean image/1?"),
    "unknown_version": (D, "image/1", "image/7", f"{D}:15:7", "names no published version of image; known: image@1.0.0"),
    "no_version": (D, "image/1", "image", f"{D}:15:7", "'image' names no version; write image/1"),
    "reference_to_a_file": (D, "image/1", "./image.json", f"{D}:15:7", "is no reference to a registry type"),
    "reference_into_the_file": (D, "image/1", "'#/$defs/x'", f"{D}:15:7", "refer to a registry type, such as image/1"),
    "json_type_misspelt": (D, "type: number", "type: nubmer", f"{D}:17:7", "/input/properties/threshold/type: must be one of"),
    "keyword_misspelt": (D, "default: 0.5", "default: 0.5\n      minimun: 0", f"{D}:19:7", "there is no keyword 'minimun'; did you mean 'minimum'?"),
    "bound_is_text": (D, "default: 0.5", "minimum: zero", f"{D}:18:7", "must be a number, not a string"),
    "default_of_another_type": (D, "0.5", "half", f"{D}:18:7", "the default is not valid: must be a number, not a string"),
    "default_is_nothing": (D, "default: 0.5", "default:", f"{D}:18:7", "the default is not valid: must be a number, not null"),
    "default_out_of_bounds": (D, THRESHOLD, f"{THRESHOLD}\n      maximum: 0.25", f"{D}:18:7", "must be at most 0.25"),
    "required_but_not_declared": (D, "[image]", "[imgae]", f"{D}:19:14", "'imgae' is required but not among the properties; did you mean 'image'?"),
    "word_of_python": (D, "threshold:", "class:", f"{D}:16:5", "'class' is a word of Python's own"),
    "capabilities_of_no_input": (D, "resources", "inputCapabilities:\n  inputs:\n    imgae: {kind: image, capabilities: {bandCount: {min: 2}}}\nresources", f"{D}:10:5", "'imgae' is no input; did you mean 'image'?"),
    "constraint_on_no_input": (D, "resources", "inputCapabilities:\n  inputs: {image: {kind: image, capabilities: {bandCount: {min: 2}}}}\n  constraints: [{inputs: [image, imgae], same: [size]}]\nresources", f"{D}:10:34", "'imgae' is no input; did you mean 'image'?"),
    "media_type_misspelt": (D, "mask:\n      $ref: image/1", "mask:\n      $ref: image/1\n      contentMediaType: image/tif", f"{D}:25:7", "no image is written as 'image/tif'; did you mean 'image/tiff'?"),
    "media_type_of_another_list": (D, "mask:\n      $ref: image/1", "mask:\n      type: array\n      items: {$ref: image/1, contentMediaType: text/csv}", f"{D}:25:30", "no image is written as 'text/csv'; known: application/x-npy"),
    "calls_of_no_process": (D, "resources", "execution: {callsPerProcess: 9}\nresources", f"{D}:8:13", "write isolation: process too"),
    "batched_by_nothing": (D, "resources", "batched: true\nbatch: {maxSize: 4}\nresources", f"{D}:8:1", "process.py defines no process_batch; write def process_batch(items), or batched: false"),
    "batches_never_asked_for": (P, "def process", "def process_batch(items): ...\n\n\ndef process", f"{P}:4:1", "does not say batched: true; write batched: true"),
    "batch_of_no_list": (P, "def process", "def process_batch(): ...\n\n\ndef process", f"{P}:4:1", "is handed one list of inputs, and a Context if it takes one; write def process_batch(items)"),
    "batch_of_several_lists": (P, "def process", "def process_batch(images, thresholds): ...\n\n\ndef process", f"{P}:4:1", "is handed one list of inputs"),
    "batch_by_name": (P, "def process", "def process_batch(items, **more): ...\n\n\ndef process", f"{P}:4:1", "is handed one list of inputs"),
    "batch_of_a_dict": (P, "def process", "def process_batch(items: dict): ...\n\n\ndef process", f"{P}:4:26", "takes and gives a list; write list[dict]"),
    "batch_that_gives_one": (P, "def process", "def process_batch(items) -> Image: ...\n\n\ndef process", f"{P}:4:29", "takes and gives a list; write list[Image]"),
    "async_batch": (P, "def process", "async def process_batch(items): ...\n\n\ndef process", f"{P}:4:1", "`process_batch` is async"),
    "batch_that_yields": (P, "def process", "def process_batch(items):\n    yield from items\n\n\ndef process", f"{P}:5:5", "`process_batch` yields"),
    "batch_without_self": (P, "", "class Process:\n    def process(self, image, threshold): ...\n    def process_batch(items): ...\n", f"{P}:3:5", "the method process_batch lacks its first parameter, self"),
    # the configuration
    "config_schema_is_none": (D, "resources", "configSchema: {type: object, required: yes}\nresources", f"{D}:8:30", "/configSchema/required: must be an array, not a string"),
    "config_schema_with_a_typo": (D, "resources", "configSchema: {type: object, propertys: {}}\nresources", f"{D}:8:30", "did you mean 'properties'?"),
    "config_default_out_of_bounds": (D, "resources", "configSchema:\n  type: object\n  properties:\n    bound: {type: integer, default: high}\nresources", f"{D}:11:28", "the default is not valid"),
    "config_that_does_not_fit": (D, "resources", "config: {bound: high}\nconfigSchema:\n  type: object\n  properties:\n    bound: {type: integer}\nresources", f"{D}:8:10", "/config/bound: must be an integer, not a string"),
    "config_that_lacks_something": (D, "resources", "configSchema:\n  type: object\n  required: [bound]\nresources", f"{D}:1:1", "lacks 'bound'"),
    # the model
    "no_model": (D, "resources", f"model: {{href: m.onnx, sha256: '{'0' * 64}'}}\nresources", f"{D}:8:9", "there is no file m.onnx; put it beside describe.yml"),
    "model_of_another_digest": (D, "resources", f"model: {{href: process.py, sha256: '{'0' * 64}'}}\nresources", f"{D}:8:27", "has another digest; write "),
    "model_outside": (D, "resources", f"model: {{href: ../m.onnx, sha256: '{'0' * 64}'}}\nresources", f"{D}:8:9", "lies outside the folder"),
    "model_by_ftp": (D, "resources", f"model: {{href: 'ftp://swath.example/m.onnx', sha256: '{'0' * 64}'}}\nresources", f"{D}:8:9", "can't be fetched by 'ftp:'; known: http, https, s3, gs"),
    "model_nowhere": (D, "resources", f"model: {{href: 'https://swath.example', sha256: '{'0' * 64}'}}\nresources", f"{D}:8:9", "names no file"),
    "model_with_a_password": (D, "resources", f"model: {{href: 'https://me:hunter2@swath.example/m.onnx', sha256: '{'0' * 64}'}}\nresources", f"{D}:8:9", "holds a user name or password"),
    "model_by_a_signed_uri": (D, "resources", f"model: {{href: 'https://swath.example/m.onnx?X-Amz-Signature=abc', sha256: '{'0' * 64}'}}\nresources", f"{D}:8:9", "is a signed one"),
    # process.py
    "no_process_file": (P, "", None, P, "there is no process.py; write one"),
    "no_python": (P, "-> dict:", "-> dict", f"{P}:4:52", "not valid Python: expected ':'"),
    "null_byte": (P, "", b"x\0", P, "not valid Python"),
    "no_process": (P, "def process", "def run", f"{P}:1:1", "no `process` is defined here; write def process(...)"),
    "async_process": (P, "def process", "async def process", f"{P}:4:1", "`process` is async; write def process(...)"),
    "generator": (P, "return", "yield", f"{P}:5:5", "`process` yields"),
    "process_in_a_block": (P, "", "if True:\n    def process(image, threshold): ...\n", f"{P}:2:5", "define it at the top level"),
    "process_imported": (P, "", "from other import process\n", f"{P}:1:1", "define it in this file"),
    "process_assigned": (P, "", "import x\nprocess = x.run\n", f"{P}:2:1", "define it in this file"),
    "class_called_otherwise": (P, "", "class Probe:\n    def process(self, image, threshold): ...\n", f"{P}:1:1", "is called Probe; call it Process"),
    "class_without_process": (P, "", "class Process:\n    def run(self): ...\n", f"{P}:1:1", "class Process has no method process"),
    "process_in_a_base_elsewhere": (P, "", "from x import B\nclass Process(B): ...\n", f"{P}:2:1", "bases of other files (B) are not read"),
    "class_and_function": (P, "", "class Process:\n    def process(self, image, threshold): ...\n\ndef process(image, threshold): ...\n", f"{P}:4:1", "keep one of them"),
    "method_without_self": (P, "", "class Process:\n    def process(image, threshold): ...\n", f"{P}:2:5", "lacks its first parameter, self"),
    "init_with_arguments": (P, "", "class Process:\n    def __init__(self, model): ...\n    def process(self, image, threshold): ...\n", f"{P}:2:5", "__init__ asks for some"),
    "hook_with_arguments": (P, "", "class Process:\n    def on_stop(self, why): ...\n    def process(self, image, threshold): ...\n", f"{P}:2:5", "write def on_stop(self)"),
    "positional_only": (P, INPUTS, "image: Image, /, threshold: float", f"{P}:4:13", "'image' is positional-only, but inputs are handed by name"),
    "star_arguments": (P, INPUTS, f"{INPUTS}, *more", f"{P}:4:46", "*more is never handed anything"),
    # process.py against describe.yml
    "parameter_misspelt": (P, "threshold: float", "treshold: float", f"{P}:4:27", "did you mean 'threshold', which it declares?"),
    "parameter_missing": (P, ", threshold: float", "", f"{P}:4:1", "no parameter for the input 'threshold' of describe.yml; write threshold: float"),
    "parameter_too_many": (P, INPUTS, f"{INPUTS}, size: int = 3", f"{P}:4:45", "'size', which describe.yml does not declare under input.properties"),
    "context_without_annotation": (P, INPUTS, f"{INPUTS}, context", f"{P}:4:45", "write context: Context"),
    "parameter_of_another_type": (P, "threshold: float", "threshold: str", f"{P}:4:27", "annotated str, but describe.yml says number; write threshold: float"),
    "optional_without_default": (D, "      default: 0.5\n", "", f"{P}:4:27", "write threshold: float | None = None"),
    "further_inputs": (D, "[image]", "[image]\n  additionalProperties: true", f"{P}:4:1", "write **others"),
    "one_value_for_two_outputs": (P, "-> dict", "-> Image", f"{P}:4:1", "return a dict with mask, fraction"),
    "output_missing": (P, "", "from typing import TypedDict\nclass Result(TypedDict):\n    mask: 'Image'\ndef process(image, threshold) -> Result: ...\n", f"{P}:4:1", "does not give the output 'fraction'"),
    "output_misspelt": (P, "", "from typing import TypedDict\nclass Result(TypedDict):\n    mask: 'Image'\n    fraction: float\n    clouds: dict\ndef process(image, threshold) -> Result: ...\n", f"{P}:6:1", "gives 'clouds', which describe.yml does not declare"),
    "output_of_another_type": (P, "", "from typing import TypedDict\nclass Result(TypedDict):\n    mask: 'Image'\n    fraction: str\ndef process(image, threshold) -> Result: ...\n", f"{P}:5:1", "'fraction' is annotated string, but describe.yml says number"),
    # examples
    "no_input": (IN, "", None, "examples/one", "there is no input.json, so this example is never run"),
    "stray_input": ("examples/input.json", "", "{}", "examples/input.json", "put it into a folder"),
    "input_is_a_list": (IN, "", "[]", f"{IN}:1:1", "must be an object that maps names to values"),
    "input_is_no_json": (IN, "", '{"image": \n}', f"{IN}:2:1", "is not JSON"),
    "input_is_empty": (IN, "", "", f"{IN}:1:1", "is not JSON"),
    "input_invalid": (IN, '"image.tif"}', '"image.tif"}, "threshold": "high"', f"{IN}:2:35", "/threshold: must be a number, not a string"),
    "input_unknown": (IN, '"image.tif"}', '"image.tif"}, "treshold": 1', f"{IN}:2:35", "did you mean 'threshold'?"),
    "file_missing": (IN, "image.tif", "scene.tif", f"{IN}:2:13", "there is no file 'scene.tif'; put the file beside input.json"),
    "file_is_a_folder": (IN, "image.tif", ".", f"{IN}:2:13", "there is no file '.'"),
    "file_of_the_system": (IN, "image.tif", "../../../../../../../../../../etc/passwd", f"{IN}:2:13", "lies outside the example's folder"),
    "file_by_absolute_path": (IN, "image.tif", "/etc/passwd", f"{IN}:2:13", "lies outside the example's folder"),
    "file_of_the_parent": (IN, "image.tif", "../../process.py", f"{IN}:2:13", "lies outside the example's folder"),
    "expected_unknown": (EX, '"fraction"', '"fractoin"', f"{EX}:2:3", "did you mean 'fraction'?"),
    "expected_invalid": (EX, "0.5", '"half"', f"{EX}:2:3", "/fraction: must be a number, not a string"),
    "no_expected": (EX, "", None, f"{TO}:1:1", "there is no expected.json that these tolerances could apply to"),
    "tolerance_of_no_output": (TO, '"fraction"', '"fractoin"', f"{TO}:2:3", "did you mean 'fraction'?"),
    "tolerance_by_no_rule": (TO, '"abs"', '"absolute"', f"{TO}:2:16", "/fraction/absolute: is not a known property"),
    "tolerance_is_text": (TO, "0.1", '"0.1"', f"{TO}:2:16", "/fraction/abs: must be a number, not a string"),
    "tolerance_is_negative": (TO, "0.1", "-1", f"{TO}:2:16", "must be at least 0"),
    "tolerance_without_a_rule": (TO, '{"abs": 0.1}', "0.1", f"{TO}:2:3", "/fraction: must be an object, not a number"),
    "tolerances_are_a_list": (TO, "", "[]", f"{TO}:1:1", "must be an object"),
    "tolerance_of_pixels_for_a_number": (TO, "abs", "differingPixels", f"{TO}:2:16", "'differingPixels' does not apply to 'fraction'"),
    "tolerance_of_geometries_for_a_number": (TO, "abs", "distance", f"{TO}:2:16", "'distance' does not apply to 'fraction'"),
    "tolerance_of_lists_for_a_number": (TO, '"abs": 0.1', '"order": "any"', f"{TO}:2:16", "it compares featureCollection and list outputs"),
    "tolerance_with_no_known_order": (TO, '"abs": 0.1', '"order": "random"', f"{TO}:2:16", "/fraction/order: must be one of"),
}  # fmt: skip


def test_the_folder_that_is_spoiled_is_good(tmp_path: Path) -> None:
    assert check(good(tmp_path)) == []


@pytest.mark.parametrize("situation", BAD)
def test_a_mistake_is_one_finding_at_its_place(tmp_path: Path, situation: str) -> None:
    file, old, new, place, says = BAD[situation]
    folder = spoiled(tmp_path, file, old, new)
    found = [str(one).removeprefix(f"{folder}/") for one in check(folder)]
    assert len(found) == 1, found
    assert found[0].startswith(f"{place}: ")
    assert says in found[0]


@pytest.mark.parametrize("situation", BAD)
def test_the_examples_of_a_folder_with_a_mistake_are_not_run(
    tmp_path: Path, situation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, old, new, _, says = BAD[situation]
    assert run(["test", str(spoiled(tmp_path, file, old, new))]) == 1
    shown = capsys.readouterr()
    assert says in shown.err
    assert not shown.out


@pytest.mark.skipif(not find_spec("swath_packager"), reason="the packager is not installed in this environment")
def test_every_line_of_the_requirements_that_can_not_be_locked_is_told(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, R, "", "-e .\nnumpy\n==\n--find-links wheels\n")
    assert [one.line for one in check(folder)] == [1, 3, 4]


def test_all_mistakes_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, D, "family: test\n", "")
    (folder / P).write_text("def run(): ...\n")
    assert [one.path.name for one in check(folder)] == [D, P]


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    folder = good(tmp_path)
    for file in folder.rglob("*.*"):
        if file.suffix != ".tif":
            file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert check(folder) == []


def test_a_path_may_hold_spaces_and_other_letters_and_be_a_link(tmp_path: Path) -> None:
    parent = tmp_path / "Wölken und mehr 雲"
    parent.mkdir()
    link = tmp_path / "link to it"
    link.symlink_to(good(parent))
    assert check(link) == []


def test_a_link_out_of_the_example_is_refused(tmp_path: Path) -> None:
    folder = good(tmp_path)
    secret = tmp_path / "secret.tif"
    secret.write_text("II*")
    image = folder / "examples" / "one" / "image.tif"
    image.unlink()
    image.symlink_to(secret)
    assert "lies outside the example's folder" in str(check(folder)[0])


def test_what_a_default_or_a_name_says_is_no_reference(tmp_path: Path) -> None:
    schema = "type: object\n      properties: {$ref: {type: string}}\n      default: {$ref: hello}"
    folder = spoiled(tmp_path, D, THRESHOLD, schema)
    (folder / P).write_text("def process(image, threshold: dict): ...\n")
    assert check(folder) == []


def test_a_schema_may_be_true(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, D, f"\n      {THRESHOLD}", " true")
    (folder / P).write_text("def process(image, threshold=None): ...\n")
    assert check(folder) == []


def test_json_of_a_file_is_checked_where_the_file_is(tmp_path: Path) -> None:
    folder = spoiled(tmp_path, EX, "0.5", '{"href": "fraction.json"}')
    (folder / "examples/one/fraction.json").write_text("{")
    assert str(check(folder)[0]).startswith(f"{folder}/examples/one/fraction.json:1:2: is not JSON")
