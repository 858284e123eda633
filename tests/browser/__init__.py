"""Tests of whole pages in a real Chromium."""
