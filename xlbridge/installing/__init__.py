"""Putting xlbridge into Excel and LibreOffice, taking it out again, and finding out why it does not work there.

Each function is given the `Surroundings` it acts in, so that what is done on Windows and macOS can be played on any system.
"""
