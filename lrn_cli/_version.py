"""The version, where no other module is imported for it."""

__version__ = "0.1.0"
