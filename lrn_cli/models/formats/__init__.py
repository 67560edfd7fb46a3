"""The formats of model files, one in each file: each has a tuple `FORMATS` of `ModelFormat`."""
