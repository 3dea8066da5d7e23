"""What a head's page adds to the style of all offline pages: shaded words, bars, dark colours."""

STYLE = """
:root { color-scheme: light dark; }
.words { line-height: 1.9; overflow-wrap: anywhere; }
.word { padding: .05rem .1rem; border-radius: .2rem; }
.asks { outline: 2px solid #2563c9; } .sink { color: #5b6875; }
.side { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.side > * { flex: 1 1 22rem; min-width: 0; }
svg { overflow: visible; } .wide + .wide { margin-top: 1.2rem; }
.bar { fill: #16797a; } .tick { fill: #5b6875; } .axis { stroke: #c4ccd4; }
td.number { white-space: normal; } .side th[scope=row] { overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  body { color: #e3e8ee; background: #12181f; }
  .faint, figcaption, caption, dt, .sink { color: #a3afbb; } .tick { fill: #a3afbb; }
  th, td { border-color: #2f3a45; } .axis { stroke: #4a5661; } .bar { fill: #4fb3b0; }
  .asks { outline-color: #7fb0ff; }
}
@media print { .words { line-height: 1.6; } }
"""
