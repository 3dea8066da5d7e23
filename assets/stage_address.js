// A stage's own part of the address: parameters that begin with the stage's name. headscope.js keeps
// them while the stage is shown.
(() => {
  const read = new Set();

  window.headscope.readStage = (stage, ids, search) => {
    if (read.has(stage)) return;
    read.add(stage);
    const q = new URLSearchParams(search);
    for (const id of ids) {
      const control = document.getElementById(id);
      const known = !control || control.tagName !== "SELECT"
        || [...control.options].some(o => o.value === q.get(id));
      if (q.has(id) && known) window.dash_clientside.set_props(id, {value: q.get(id)});
    }
  };

  window.headscope.writeStage = (stage, ids, run, shown, values) => {
    if (!run || shown !== stage || !read.has(stage)) return;
    const q = new URLSearchParams(location.search);
    ids.forEach((id, i) => {
      if (values[i] || values[i] === 0) q.set(id, values[i]); else q.delete(id);
    });
    history.replaceState(history.state, "", `?${q}`);
  };
})();
