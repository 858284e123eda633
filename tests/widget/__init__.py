"""Tests of what other sites load."""
