"""Tensor files: what is in them, reading them block by block, writing them whole or not at all."""
