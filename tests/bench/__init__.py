"""The bench: speed as ratios measured in one run, the weight of a page, and the shape of the code."""
