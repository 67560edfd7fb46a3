"""Answers as figures: what of a comparison, of conventions and of tensors is to be seen, and in which panels."""
