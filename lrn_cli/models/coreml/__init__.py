"""Core ML: the layers of neural networks, and the operations of programs."""
