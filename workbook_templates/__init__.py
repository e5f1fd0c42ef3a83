"""Workbooks made from code."""
