"""The `swath` command: finds the subcommands of the installed distributions."""
