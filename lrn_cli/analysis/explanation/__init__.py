"""What a convention means: as data, as formulas, as an example to check by hand, as a curve."""
