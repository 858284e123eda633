"""Tests of what Rasa makes of messages."""
