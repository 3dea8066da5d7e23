"""Requests that no page sends: made from valid ones, sent to a real server in a throw-away folder.

`server` starts the app, `talk` speaks with it, `page` holds what a page would know after a visit of
all stages, `mutations` spoils its requests, `witness` tells whether a file was touched.
"""
