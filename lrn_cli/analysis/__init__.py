"""Answers as data: translation, explanation, comparison, identification. Nothing here prints."""
