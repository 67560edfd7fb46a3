"""Survey: what a tensor looks like, gathered in one pass that keeps little of it."""
