"""The web: pages and JSON for children, forces and advocates, over the words that content vets."""
