"""The subcommands of `swath registry`, one module for what belongs together; `swath_registry.cli` finds them."""
