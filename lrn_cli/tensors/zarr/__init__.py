"""Zarr stores on a disk: what they declare is read here with suspicion, their chunks are zarr-python's affair."""
