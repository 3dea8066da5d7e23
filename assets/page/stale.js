// What is drawn of something else than is chosen is pale until the new one is there
// (components/page/stale.py), so that no old picture stands under a new title. The style sheet waits
// a moment before it shows that: what comes at once doesn't flicker.
(() => {
  const {byId} = window.headscope;
  const OF_HEAD = ["qk-map", "attention-heatmap"];  // they say which head they are of
  const known = new Set();  // ids of all that may be pale

  // The picture with its frame, or the words themselves.
  function box(id) {
    const found = byId(id);
    return found && (found.closest(".plot-frame") || found);
  }

  // Some things are to be drawn anew, or were drawn.
  function mark(ids, stale) {
    for (const id of ids) {
      const found = box(id);
      for (const name of found ? ["data-stale", "aria-busy"] : [])
        if (stale) found.setAttribute(name, "true"); else found.removeAttribute(name);
    }
  }

  // A plot may be drawn again for other reasons: only what has come makes it another one.
  const drawings = new WeakMap();
  function drawn(gd) {
    const graph = gd.closest(".dash-graph");
    if (drawings.get(gd) === gd.data) return;
    drawings.set(gd, gd.data);
    if (!graph) return;
    mark([graph.id], false);
    if (OF_HEAD.includes(graph.id) && window.headscope.late(gd, "")) mark([graph.id], true);  // the next one is on its way
  }

  window.headscope.onSelection(() => mark(["attention-heatmap"], true));  // it says which passage is meant

  window.headscope.stale = {
    mark, drawn,

    // Some choices have changed.
    chosen(places) {
      Object.values(places).flat().forEach(id => known.add(id));
      const changed = window.dash_clientside.callback_context.triggered.map(({prop_id}) => places[prop_id] || []);
      mark(new Set(changed.flat()), true);
    },

    // Another text was asked for, or it came to nothing: all that is shown is of the one before.
    opening(yes) { byId("main").setAttribute("aria-busy", String(yes)); },

    // Another text is open in A. What B shows of a run of its own stays.
    all() {
      const own = id => window.headscope.runB && id.endsWith("-b");
      mark([...known].filter(id => !own(id)), true);
    },
  };
})();
