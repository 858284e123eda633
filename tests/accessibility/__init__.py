"""Tests of reading rules, symbols, voice and what checks pages."""
