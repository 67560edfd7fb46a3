"""How far two tensors are apart, and why: of files, of arrays, and of what conventions make of one tensor."""
