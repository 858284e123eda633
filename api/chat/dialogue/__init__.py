"""What are we talking about, and what would answer this message?"""
