"""What stands beside a dataset or belongs to it, copied from one file into another without the loss of a byte."""
