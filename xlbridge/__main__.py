"""`python -m xlbridge`."""

from xlbridge.cli import main

if __name__ == "__main__":
    main()
