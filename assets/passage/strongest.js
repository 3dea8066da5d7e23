// The list of the passages where the open head is strongest (components/passage/strongest.py).
(() => {
  const {set, skip, isCross, countOf} = window.headscope;

  let choices = ["off"], asked = null;  // with what this was called last, and what the server was asked

  // What is to be asked of the server; nothing while the list is closed. A token stays asked for
  // while one walks through the passages.
  function wanted([by, run, layer, head, scores, found]) {
    if (by === "off" || !run || !(+layer < run.model.layers && +head < run.model.heads)) return null;
    const {selection} = window.headscope.state;
    // Keys get attention: where they are of other tokens than queries, one of them must be selected.
    const able = selection && selection.token !== null && !(isCross(run) && selection.role === "query");
    const chosen = able && selection.token < countOf(run, selection.role) ? selection.token : null;
    const kept = asked && asked.run === run.key ? asked.token : null;
    return {
      run: run.key, layer: +layer, head: +head, by, token: by === "token" ? chosen ?? kept : null,
      scored: !!scores && scores.run === run.key, found: found ? found.name : null,
    };
  }

  function next() {
    const now = wanted(choices);
    if (JSON.stringify(now) === JSON.stringify(asked)) return skip();
    return asked = now;
  }

  window.headscope.onSelection(() => {
    const now = next();
    if (now !== skip()) set("strongest-asked", {data: now});
  });
  window.headscope.callbacks({
    strongestAsk(...now) { choices = now; return next(); },
  });

  document.addEventListener("click", e => {
    const entry = e.target.closest("[data-selection]");
    if (entry) set("selection", {data: JSON.parse(entry.dataset.selection)});
  });
})();
