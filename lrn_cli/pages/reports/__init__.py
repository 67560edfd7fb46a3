"""Reports: an answer as one file to hand on, with its pictures and with all that is needed to ask again."""
