"""Files that are read with SciPy's help, where it is installed: MATLAB's of versions 4 and 5, and NetCDF-3."""
