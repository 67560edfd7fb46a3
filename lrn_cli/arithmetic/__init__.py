"""The arithmetic: one block of a tensor, how a tensor is cut into blocks, and the threads that work through them."""
