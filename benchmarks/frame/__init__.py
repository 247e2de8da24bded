"""How benchmarks are timed, told and kept."""
