"""Background jobs on the workers of a Dask scheduler, for a server on a machine of its own.

``runner`` is in the server: it gives jobs away and hears of them. ``hosts`` is in a worker of Dask:
it has a process, ``host``, for each server, which forks jobs from a template as the server itself
would. So a job can be ended at once, and what it takes never takes the worker with it. The server
says several times a second which jobs it wants; a host that hears nothing ends, and its jobs.
"""
