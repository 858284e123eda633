"""Tests of a child asks for a person."""
