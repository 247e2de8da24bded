"""Peers: small programs that use their public API, each in an environment of its own."""
