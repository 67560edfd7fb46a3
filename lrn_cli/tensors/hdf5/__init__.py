"""HDF5 files. h5py is imported by these modules, so they are imported only when an HDF5 file is at hand."""
