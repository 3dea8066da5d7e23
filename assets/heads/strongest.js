// The list of the passages where the open head is strongest (components/heads/strongest.py).
(() => {
  const {set, skip} = window.headscope;

  window.headscope.callbacks({
    // What is asked of the server; nothing while the list is closed. A token stays asked for while
    // one walks through the passages.
    strongestAsk(by, run, layer, head, selection, scores, found, before) {
      if (by === "off" || !run || !(+layer < run.model.layers && +head < run.model.heads)) return before ? null : skip();
      const chosen = selection && selection.token !== null && selection.token < run.tokens ? selection.token : null;
      const kept = before && before.run === run.key ? before.token : null;
      const next = {
        run: run.key, layer: +layer, head: +head, by, token: by === "token" ? chosen ?? kept : null,
        scored: !!scores && scores.run === run.key, found: found ? found.name : null,
      };
      return JSON.stringify(next) === JSON.stringify(before) ? skip() : next;
    },
  });

  document.addEventListener("click", e => {
    const entry = e.target.closest("[data-selection]");
    if (entry) set("selection", {data: JSON.parse(entry.dataset.selection)});
  });
})();
