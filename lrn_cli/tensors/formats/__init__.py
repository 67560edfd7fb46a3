"""The file formats: one file each, with a `FORMATS` declaration. Heavy libraries are imported in functions."""
