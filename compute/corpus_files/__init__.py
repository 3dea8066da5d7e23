"""What was found in a corpus, as a folder of files: tables, what a merge reads, pages of heads.

Nothing in it depends on how many workers there were, on the time, or on where anything lies.
"""
