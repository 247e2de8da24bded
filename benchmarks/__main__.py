"""`python benchmarks [NAME…]`: run benchmarks and print their table."""

import importlib
import sys

KNOWN = (
    *("converters", "registry_compat", "registry_client", "registry_site"),
    *("registry_versions", "generation", "matching", "packager", "onnx_sessions"),
)


def main(names: list[str]) -> int:
    """Exit code 1 if a ratio is above its bar, 2 for an unknown name."""
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(KNOWN)}", file=sys.stderr)
        return 2
    print(f"{'':40} {'ours':>11} {'theirs':>11}   ratio [quartiles]")
    above = False
    for name in names or KNOWN:
        for ratio in importlib.import_module(name).run():
            print(ratio)
            above |= ratio.ratio > ratio.bar
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
