"""The elements of plainly stored datasets, read and written past HDF5 and its lock."""
