"""The memory of this machine, and work spread over its cores: `memory.limit`, `pool.each`."""
