"""`python -m mailticket`: the same as the `mailticket` command."""

from .cli import main

if __name__ == "__main__":
    main()
