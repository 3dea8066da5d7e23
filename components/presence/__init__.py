"""Whether a page is still there: assets/presence.js says so every few seconds, also when hidden.

``signs`` takes these signs of life; the job manager ends the jobs of pages that give none.
"""
