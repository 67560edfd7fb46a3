"""Pages: what is explained, as a document of blocks, and one file in `formats` for each way to show a document."""
