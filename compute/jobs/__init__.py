"""Work in the background: processes and their turns, and one module of jobs per subject.

``manager`` (for Dash), ``running``, ``worker``, ``tickets``, ``turns``, ``template`` and ``warm``
run jobs, ``results`` keeps what they return; ``opening``, ``keeping``, ``mapping``,
``scoring``, ``measuring`` and ``writing`` are what they run.
"""
