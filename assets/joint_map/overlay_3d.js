// A 3-D map: lines and marks are traces of the plot there, which turn with it, and what is under the
// mouse has to be found out.
(() => {
  const {links, plot, short, ofRole, otherRole, spanOf} = window.headscope;
  const drawn = new WeakMap();

  // Points as columns for Plotly; null between two lines breaks the stroke.
  const columns = points => ["x", "y", "z"].map((_, i) => points.map(p => (p ? p[i] : null)));

  window.headscope.drawInSpace = (gd, side) => {
    const canvas = gd.querySelector(":scope > canvas.overlay");
    if (canvas) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    const at = (role, token) => {
      const [t, i] = window.headscope.sentence.inMap(gd, role, token);
      return t && isFinite(t.x[i]) ? [t.x[i], t.y[i], t.z[i]] : null;
    };
    const lines = [], marks = [], words = [], link = links[side];
    const {tokensOf, hitsOf, marksOf} = window.headscope, tokens = tokensOf(side);
    const nameOf = (role, token) => ofRole(tokens, role).strings[token];
    const mark = (place, text) => { if (place) { marks.push(place); words.push(text); } };
    if (link && link.selection && link.weights) {
      const {role, token} = link.selection, from = at(role, token);
      const other = otherRole(role);
      mark(from, nameOf(role, token));
      for (const [w, t] of from ? window.headscope.strongest(link) : []) {
        const to = at(other, t);
        if (!to) continue;
        lines.push(from, to, null);
        mark(to, `${nameOf(other, t)} ${short(w)}`);
      }
    }
    for (const role of ["query", "key"]) {
      const {start, count} = link ? spanOf(link, role) : {};
      const chosen = link && link.whole ? Array.from({length: count}, (_, i) => start + i) : [];
      for (const token of [...hitsOf(side)[role], ...chosen]) mark(at(role, token), "");
    }
    for (const {role, token} of marksOf(side)) mark(at(role, token), "");
    gd.dataset.marks = JSON.stringify(marksOf(side));
    const wanted = JSON.stringify([lines, words, marks]);
    if (drawn.get(gd) === wanted && gd._fullData[3].x.length === marks.length) return;  // no endless redraw
    drawn.set(gd, wanted);
    const [lx, ly, lz] = columns(lines), [mx, my, mz] = columns(marks);
    window.Plotly.restyle(gd, {x: [lx, mx], y: [ly, my], z: [lz, mz], text: [[], words]}, [2, 3]);
  };

  const frames = (n, action) => requestAnimationFrame(n > 1 ? () => frames(n - 1, action) : action);

  // Of a 3-D map Plotly tells the point under the mouse while it draws, with every picture anew and
  // without the mouse's event; a button that is held there is many clicks to it, also while the map is
  // turned. `under` takes what it tells; `over` hears of it when the picture is drawn, and `chosen` of
  // a press and release in one place.
  window.headscope.inSpace = (id, {over, chosen}) => {
    let point = null, waits = false, pressed = null, here = false;

    const mine = e => {
      const gd = e.target.closest && e.target.closest(`#${id}`) && plot(id);
      return e.target.tagName === "CANVAS" && gd && gd._fullLayout.scene;
    };
    const under = next => {
      point = here ? next : null;  // Plotly goes on telling the last point when the mouse has left
      if (waits) return;
      waits = true;
      frames(1, () => { waits = false; over(point); });
    };

    const listen = (name, listener) => document.addEventListener(name, listener, {capture: true, passive: true});
    listen("pointerdown", e => { here = mine(e); pressed = here ? e : null; });
    listen("click", e => {
      if (!pressed || !mine(e) || Math.hypot(e.clientX - pressed.clientX, e.clientY - pressed.clientY) > 4) return;
      frames(2, () => { if (point) chosen(point); });  // a finger's point is found with the next picture
    });
    listen("pointermove", e => { here = mine(e); if (point && !here) under(null); });
    return {under};
  };
})();
