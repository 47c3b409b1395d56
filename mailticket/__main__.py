"""`python -m mailticket` is the command line."""

from .cli import main

main()
