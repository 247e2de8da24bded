"""Profiles: what an image needs to run ONNX models on one kind of hardware. One TOML file is one profile."""
