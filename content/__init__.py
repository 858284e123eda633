"""Cards, forces, places, sign-offs and the alarm: everything a child may be shown, and the rules it must pass."""
