"""The file formats: one file per format, each with a `FORMATS` declaration. Heavy libraries are imported in functions."""
