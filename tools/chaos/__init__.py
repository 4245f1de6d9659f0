"""`shop chaos`: chaos tests. A whole shop of real processes, fault injection in all its parts, and a check of its
books.
"""
