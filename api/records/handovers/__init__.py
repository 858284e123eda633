"""A child asked for a person: what is kept of it, sealed, from the first ask until the words are gone."""
