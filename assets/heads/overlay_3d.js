// Lines and marks in a 3-D map: here they are traces of the plot, which turn with it.
(() => {
  const {links} = window.headscope;
  const drawn = new WeakMap();

  // Points as columns for Plotly; null between two lines breaks the stroke.
  const columns = points => ["x", "y", "z"].map((_, i) => points.map(p => (p ? p[i] : null)));

  window.headscope.drawInSpace = (gd, side) => {
    const canvas = gd.querySelector(":scope > canvas.overlay");
    if (canvas) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    const at = (role, token) => {
      const t = gd._fullData[role === "query" ? 0 : 1];
      return t && isFinite(t.x[token]) ? [t.x[token], t.y[token], t.z[token]] : null;
    };
    const lines = [], marks = [], words = [], link = links[side];
    const {tokensOf, hitsOf, marksOf} = window.headscope, {strings} = tokensOf(side);
    const mark = (place, text) => { if (place) { marks.push(place); words.push(text); } };
    if (link && link.selection && link.weights) {
      const {role, token} = link.selection, from = at(role, token);
      const other = role === "query" ? "key" : "query";
      mark(from, strings[token]);
      for (const [w, t] of from ? window.headscope.strongest(link) : []) {
        const to = at(other, t);
        if (!to) continue;
        lines.push(from, to, null);
        mark(to, `${strings[t]} ${w.toFixed(2)}`);
      }
    }
    for (const token of hitsOf(side)) for (const role of ["query", "key"]) mark(at(role, token), "");
    for (const {role, token} of marksOf(side)) mark(at(role, token), "");
    gd.dataset.marks = JSON.stringify(marksOf(side));
    const wanted = JSON.stringify([lines, words, marks]);
    if (drawn.get(gd) === wanted && gd._fullData[3].x.length === marks.length) return;  // no endless redraw
    drawn.set(gd, wanted);
    const [lx, ly, lz] = columns(lines), [mx, my, mz] = columns(marks);
    window.Plotly.restyle(gd, {x: [lx, mx], y: [ly, my], z: [lz, mz], text: [[], words]}, [2, 3]);
  };
})();
