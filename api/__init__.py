"""The web: pages and JSON for children, forces and advocates, over the words that content vets."""

import gc

# Starting makes hundreds of thousands of objects that stay, and the default looks through them for what can be let go
# every few hundred. A child who presses a button just after the start would wait for that.
gc.set_threshold(50_000, 20, 20)
