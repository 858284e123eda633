"""Tests, written from the promises."""
