"""The conventions: one file per framework, each a declaration, and what reads them.

This package imports no NumPy, so that help and completion start fast.
"""
