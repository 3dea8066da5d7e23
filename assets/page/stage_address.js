// A stage's own part of the address: parameters that begin with the stage's name. headscope.js keeps
// them while the stage is shown. What is as it was at first is left out, so that links stay short.
(() => {
  const read = new Set(), first = {};

  window.headscope.readStage = (stage, ids, search) => {
    if (read.has(stage)) return window.dash_clientside.no_update;
    read.add(stage);
    const q = new URLSearchParams(search);
    for (const id of ids) {
      const control = document.getElementById(id);
      first[id] = control && control.value;
      const known = !control || control.tagName !== "SELECT"
        || [...control.options].some(o => o.value === q.get(id));
      if (q.has(id) && known && q.get(id) !== "NaN") window.dash_clientside.set_props(id, {value: q.get(id)});
    }
    return search;
  };

  window.headscope.writeStage = (stage, ids, run, shown, values) => {
    if (!run || shown !== stage || !read.has(stage)) return;
    const q = new URLSearchParams(location.search);
    ids.forEach((id, i) => {
      // a field for numbers that is empty, or holds none, gives NaN
      const said = values[i] == null || Number.isNaN(values[i]) ? "" : String(values[i]);
      if (said !== "" && said !== first[id]) q.set(id, said); else q.delete(id);
    });
    history.replaceState(history.state, "", `?${q}`);
  };
})();
