"""What heads do over a whole corpus: one pass over it, of which only mergeable summaries are kept.

`asked` says what is looked for in a batch of passages, `seen` takes it from the attention of each
layer as it is made, `shard` adds up a stretch of text and `whole` a corpus; `findings` and `views`
are what a person sees of it.
"""
