"""The processor cores and the memory of this machine, and work spread over processes.

The rest takes `cores.cores`, `memory.limit` and `allow`, and `pool.each`.
"""
