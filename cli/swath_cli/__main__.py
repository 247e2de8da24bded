"""`python -m swath_cli` is the command `swath`."""

from swath_cli.main import main

main()
