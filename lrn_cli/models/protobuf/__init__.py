"""Protocol buffers without their library or descriptors: the bytes, and the text."""
