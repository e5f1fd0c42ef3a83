"""All measurements, one after the other. Run: `make bench`, or `python -m bench`."""

from __future__ import annotations

from bench import checking, clicking, conversion, duplicates, growth, issuing, pipeline, reading, start


def main() -> None:
    """Measure and print each part as soon as it is there."""
    for part in (pipeline, growth, reading, start, checking, clicking, duplicates, conversion, issuing):
        part.main()
        print(flush=True)


if __name__ == "__main__":
    main()
