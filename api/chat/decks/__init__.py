"""Decks: cards that are chosen for a session and looked at one after another, on one screen or on two."""
