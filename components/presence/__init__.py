"""Whether a page is still there: assets/page/presence.js says so every few seconds.

``signs`` takes these signs of life; the job manager ends the jobs of pages that give none.
"""
