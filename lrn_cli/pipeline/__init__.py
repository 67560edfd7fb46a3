"""`apply` without a command line: what to read and write is planned, refused where it can be, and then done."""
