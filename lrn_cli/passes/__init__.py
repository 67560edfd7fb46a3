"""Where tensors, arithmetic and conventions meet: one sweep over the blocks of a tensor, and what is done with each."""
