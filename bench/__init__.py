"""Speed, measured side by side with the tools one would take otherwise. Run: `make bench`, or `python -m bench.<module>` for one part."""
