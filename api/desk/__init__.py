"""The desk: where a force's people fill in local facts, write, review and sign."""
