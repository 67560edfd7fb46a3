"""What the verbs share: options, what is said and where, progress, and how a run ends."""
