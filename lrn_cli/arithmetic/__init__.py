"""The arithmetic: what one block of a tensor costs, and how a tensor is cut for it."""
