"""Texts of each format, simplest first, and texts that are almost of it."""

SAMPLES: dict[str, tuple[str, ...]] = {
    "date": ("2020-01-01", "2024-02-29"),
    "date-time": ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+01:00"),
    "time": ("00:00:00Z", "12:00:00.5+01:00"),
    "duration": ("P1D", "PT1H30M", "P1Y2M3DT4H5M6S"),
    "email": ("a@b.co", "first.last@example.com"),
    "idn-email": ("a@b.co", "é@b.co"),
    "hostname": ("a", "example.com"),
    "idn-hostname": ("a", "é.com"),
    "ipv4": ("1.1.1.1", "192.168.100.200"),
    "ipv6": ("::", "::1", "2001:db8:85a3:8d3:1319:8a2e:370:7348"),
    "uri": ("a:b", "https://example.com/a?b=c#d"),
    "uri-reference": ("", "a", "/a/b", "https://example.com/"),
    "iri": ("a:b", "https://exämple.com/"),
    "iri-reference": ("", "é", "https://exämple.com/"),
    "uri-template": ("a", "{a}", "https://example.com/{a}"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "123E4567-e89b-12d3-a456-426614174000"),
    "json-pointer": ("", "/a", "/a/0"),
    "relative-json-pointer": ("0", "1/a", "0#"),
    "regex": ("", "a", "^a+$"),
}
# What each of the formats above refuses: wrong letters, wrong numbers, wrong case, a space, a line end.
NEAR_MISSES = (
    "",
    " ",
    "!",
    "a",
    "{",
    "(",
    "2020-02-30",
    "2020-01-01T00:00:00",
    "25:00:00Z",
    "1.1.1.256",
    "a b",
    "é",
    "-a",
    "/~",
)
# What every text of a format is too.
IMPLIED: dict[str, tuple[str, ...]] = {
    "uri": ("uri-reference", "iri", "iri-reference"),
    "uri-reference": ("iri-reference",),
    "iri": ("iri-reference",),
}
