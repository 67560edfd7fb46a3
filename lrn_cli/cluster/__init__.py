"""The same batch by the workers of a Dask cluster: where it is, what they must have, groups of inputs, one by one."""
