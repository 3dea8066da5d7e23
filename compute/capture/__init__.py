"""Query, key and value of every head while a model runs, and the rules of its attention.

`passes.run` is one pass that is watched; `calls.Call` what one layer's attention is made of. It is
seen in one of two ways: through the `interface` where transformers lets one set the attention
function, else by following `products`. `rules` collects what attention depends on besides queries
and keys: `sight`, `bias`.
"""
