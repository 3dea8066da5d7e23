// What is drawn of something else than is chosen is pale until the new one is there
// (components/page/stale.py), so that no old picture stands under a new title. The style sheet waits
// a moment before it shows that: what comes at once doesn't flicker.
(() => {
  const {byId} = window.headscope;
  const places = new Set();  // ids of what was drawn or is to be drawn

  // The picture with its frame, or the words themselves.
  function box(id) {
    const found = byId(id);
    return found && (found.closest(".plot-frame") || found);
  }

  // Some things are to be drawn anew, or were drawn.
  function mark(ids, stale) {
    for (const id of ids) {
      const found = box(id);
      places.add(id);
      for (const name of found ? ["data-stale", "aria-busy"] : [])
        if (stale) found.setAttribute(name, "true"); else found.removeAttribute(name);
    }
  }

  window.headscope.stale = {
    mark,

    // Another text was asked for, or it came to nothing: all that is shown is of the one before.
    opening(yes) { byId("main").setAttribute("aria-busy", String(yes)); },

    // Another text is open.
    all() { mark(places, true); },
  };
})();
