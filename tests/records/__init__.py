"""Tests of what is kept: ledger, letters, accounts."""
