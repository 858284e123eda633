"""What a child takes along: a letter to an office, and the day until which something is kept. We keep none of it."""
