"""The frameworks: one file per family, each with its declarations in `CONVENTIONS`. They import no NumPy."""
