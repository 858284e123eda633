"""Tests of settings, database, origins, guards, documents."""
