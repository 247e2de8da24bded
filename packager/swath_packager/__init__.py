"""An algorithm folder, a runtime and a profile become a container image; nothing that it packs is imported."""
