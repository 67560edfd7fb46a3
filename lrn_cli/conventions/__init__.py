"""The conventions: declarations, one file per framework family in `frameworks`, and what reads them.

This package imports no NumPy, so that help and completion start fast.
"""
