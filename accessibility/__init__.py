"""Reading rules, symbols and page checks: what makes words fit to be read by a child."""
