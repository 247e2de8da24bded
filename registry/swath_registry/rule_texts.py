"""What each rule of lint and publishing asks, why, and how to mend what breaks it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RuleText:
    """A rule in words.

    Args:
        asks: what it asks, or what happened.
        why: whom it protects.
        mend: what to do.
        wrong: a schema that breaks it, or what was done.
        right: the same, mended; "" where `mend` says it all.
    """

    asks: str
    why: str
    mend: str
    wrong: str = ""
    right: str = ""

    def __str__(self) -> str:
        parts = {"": self.asks, "Why": self.why, "Mend": self.mend, "Wrong": self.wrong, "Right": self.right}
        return "\n".join(f"{name}: {text}" if name else text for name, text in parts.items() if text)


LINT: dict[str, RuleText] = {
    "unreadable": RuleText(
        "The file is JSON: UTF-8, no key twice in an object, no NaN.",
        "Readers disagree on which of two equal keys counts.",
        "Mend the place that is named by line and column.",
    ),
    "metaschema": RuleText(
        "The schema is a JSON Schema 2020-12 by its metaschema.",
        "What isn't one is read differently by each validator, or not at all.",
        "Write the keyword's value as the specification has it.",
        '{"type": "text"}',
        '{"type": "string"}',
    ),
    "identity": RuleText(
        "`$id` is base URI, folder and version; `$schema` is 2020-12.",
        "Path, identity and version must never say different things.",
        "Change `$id` to the folder's version, or the folder to the version meant.",
        "image/1.1.0/schema.json with $id …/image/1.0.0",
        "image/1.1.0/schema.json with $id …/image/1.1.0",
    ),
    "unknown-keyword": RuleText(
        "Keywords are those of 2020-12, or begin with `x-`.",
        "Validators pass over a keyword that they don't know: a misspelt one checks nothing, and nobody notices.",
        "Write the keyword that is suggested, or `x-…` for an annotation of your own.",
        '{"minimumExclusive": 0}',
        '{"exclusiveMinimum": 0}',
    ),
    "reference": RuleText(
        "Every `$ref` leads to something: in the schema by JSON pointer, or to a type by its exact, published version.",
        "An alias would mean something else after the next release, and so would the frozen schema.",
        "Write the URI that is suggested; publish what is referred to first, or together with this.",
        '{"$ref": "image/1"}',
        '{"$ref": "https://schemas.swath.example/image/1.0.0"}',
    ),
    "description": RuleText(
        "The type has a title; it, its properties and definitions are described.",
        "Pages, models and error messages are made from these words.",
        "Say what it is, in a sentence.",
        '{"properties": {"gsd": {"type": "number"}}}',
        '{"properties": {"gsd": {"description": "Ground sample distance.", …}}}',
    ),
    "unit": RuleText(
        "A number says its unit in `x-ogc-unit`, as a UCUM code; `1` for a mere number.",
        "Metres read as kilometres are accepted by every validator.",
        "Add x-ogc-unit.",
        '{"type": "number", "minimum": 0}',
        '{"type": "number", "minimum": 0, "x-ogc-unit": "m"}',
    ),
    "bounds": RuleText(
        "A number has a least or greatest value, or says in `x-unbounded` why it has none.",
        "A forgotten bound lets 1e308 through, and whoever multiplies it gets infinity.",
        "Add minimum or maximum, or x-unbounded with the reason.",
        '{"type": "number", "x-ogc-unit": "m"}',
        '{"type": "number", "x-ogc-unit": "m", "x-unbounded": "a coordinate of any CRS"}',
    ),
    "openness": RuleText(
        "An object says whether it may hold more than it names.",
        "Forgotten, it is open: misspelt properties pass, and every property that is added later narrows it.",
        "Add additionalProperties (or unevaluatedProperties): false, true or a schema.",
        '{"type": "object", "properties": {…}}',
        '{"type": "object", "properties": {…}, "additionalProperties": false}',
    ),
    "pattern": RuleText(
        "Patterns are anchored around all alternatives, and mean the same in every engine.",
        r"`\d` takes Arabic digits in Python and not in JavaScript; `^a|b$` takes whatever begins with a.",
        r"Write classes out ([0-9]), begin with ^( and end with )$, leave lookaround and back references out.",
        r'{"pattern": "^\\d+|none$"}',
        '{"pattern": "^([0-9]+|none)$"}',
    ),
    "format": RuleText(
        "Only formats that validator and models check: date, date-time, email, uri, uri-reference, uuid.",
        "Elsewhere an unknown format is passed over: it promises a check that nobody makes.",
        "Use a pattern, or one of these formats.",
        '{"format": "hostname"}',
        '{"pattern": "^[a-z0-9.-]+$"}',
    ),
    "unsatisfiable": RuleText(
        "Every part of the schema accepts some value, unless it is written as `false`.",
        "A part that accepts nothing is a mistake that no valid example can reach.",
        "Mend the keywords that are named: together they leave no value.",
        '{"type": "integer", "minimum": 5, "maximum": 3}',
        '{"type": "integer", "minimum": 3, "maximum": 5}',
    ),
    "overlap": RuleText(
        "No document matches two branches of a `oneOf`.",
        "`oneOf` refuses what matches two, so a correct document is refused for being correct twice.",
        "Tell the branches apart by a constant or a required property, or write anyOf. Branches of nothing but "
        "`required` may overlap: they say that exactly one of these is given.",
        '{"oneOf": [{"type": "integer"}, {"type": "number"}]}',
        '{"anyOf": [{"type": "integer"}, {"type": "number"}]}',
    ),
    "examples": RuleText(
        "There are valid and invalid examples, and each does what it says.",
        "Examples are what people copy, what the models are tested with, and where the search for breaks begins.",
        "Add examples/valid/*.json, and examples/invalid/*.json as "
        '{"violates": {"keyword": …, "pointer": …}, "document": …}.',
    ),
    "published": RuleText(
        "What the lock holds is there, byte for byte.",
        "Somebody validates, caches and signs by it. Published is for good.",
        "Put back what was there (`tar -xzf frozen.tar.gz` in the version's folder), and begin a new version: "
        "swath registry draft TYPE.",
    ),
    "unfinished": RuleText(
        "A version that isn't in the lock has no frozen.tar.gz.",
        "Either publishing it was interrupted, or its line was taken out of the lock.",
        "Put the line back where it was; if there never was one: swath registry publish TYPE@VERSION.",
    ),
}

PUBLISHING: dict[str, RuleText] = {
    "version-number": RuleText(
        "The number follows what is published: the next patch or minor of its major, or the next major.",
        "A gap makes people look for the version between; a number before the newest is never found.",
        "Rename the folder and $id to a number that is named.",
        "1.3.0 after 1.1.0",
        "1.2.0 after 1.1.0",
    ),
    "bump": RuleText(
        "A patch changes no accepted document, a minor only accepts more, anything else is a major.",
        "Whoever reads `image/1` relies on it without looking.",
        "Rename the folder and $id to the number that is named, or take back what breaks.",
        "a new optional property in 1.0.1",
        "a new optional property in 1.1.0",
    ),
    "meaning-changed": RuleText(
        "A unit or default has changed or gone: documents stay valid and mean something else.",
        "No validator can notice it, and no document shows it.",
        "Add a property with the new unit beside the old one, or publish a major.",
        '{"x-ogc-unit": "m"} became {"x-ogc-unit": "km"}',
    ),
    "undecided": RuleText(
        "Neither a proof nor a document that breaks was found. (Of lint: contradictions not looked for in time; "
        "that blocks nothing.)",
        "A guess would be trusted like a proof.",
        "Write the schema more simply; or, if you know that the promise holds, say why with: swath registry attest.",
    ),
    "prover-disagreement": RuleText(
        "The prover says that nothing breaks, and a document does.",
        "The document counts; the prover is wrong here.",
        "Report it with both schemas.",
    ),
    "draft-assumed": RuleText(
        "A schema names no `$schema` and isn't valid as 2020-12, so it was read as an older draft.",
        "Keywords mean something else in each draft.",
        "Add $schema.",
    ),
}
