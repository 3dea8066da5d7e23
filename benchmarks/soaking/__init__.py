"""What `benchmarks/soak.py` is made of: tabs that people use, and a server that dies under them."""
