// Selected points stay marked in the map when another head is opened; those that were kept under a
// name are shown again (components/lasso/kept.py).
(() => {
  const {plot, set, skip} = window.headscope;
  const SIDES = ["", "-b"];
  let lasso = null;

  const runOf = side => (side && window.headscope.runB) || window.headscope.run;
  const equal = (a, b) => (a === b) || !!(a && b && a.length === b.length && Array.from(a).every((value, i) => value === b[i]));

  // Plotly itself lets the other points step back, as after a lasso by hand.
  function mark(side) {
    const gd = plot(`qk-map${side}`), run = runOf(side);
    if (!gd || !run || gd._fullLayout.scene || !gd.data[1] || (gd.layout.meta || {}).shaded) return;
    const here = lasso && lasso.run === run.key, wanted = here ? [lasso.queries, lasso.keys] : [null, null];
    const traces = [0, 1], over = gd.data.findIndex(({name}) => name === "query-over");
    if (over > 0) {  // every second query, once more
      traces.push(over);
      wanted.push(here ? lasso.queries.filter(token => token % 2 === 0).map(token => token / 2) : null);
    }
    const now = traces.map(i => gd.data[i].selectedpoints ?? null);
    if (wanted.every((points, i) => equal(points, now[i]))) return;
    // a box that was drawn by hand would select its own points again
    window.Plotly.update(gd, {selectedpoints: wanted}, {selections: []}, traces);
  }

  // What is marked in a map, for its saved picture (caption_facts.js).
  function marked(side) {
    const run = runOf(side);
    if (!lasso || !run || lasso.run !== run.key) return "";
    const count = [[lasso.queries, "queries"], [lasso.keys, "keys"]].map(([points, what]) => `${points.length.toLocaleString("en")} ${what}`);
    return `Marked: ${lasso.name ? `“${lasso.name}”, ` : ""}${count.join(" and ")}; the others are faint`;
  }
  window.headscope.marked = marked;

  function attachAll() {
    for (const side of SIDES) {
      const gd = plot(`qk-map${side}`);
      if (!gd || gd.dataset.kept) continue;
      gd.dataset.kept = "yes";
      gd.on("plotly_afterplot", () => { if (lasso) mark(side); });
      if (lasso) mark(side);
    }
  }
  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});

  window.headscope.callbacks({
    keptPanel(now, options, chosen, run) {
      now = now || null;
      const changed = now !== lasso;
      lasso = now;
      const here = !!(now && run && now.run === run.key && now.queries.length + now.keys.length);
      // Points that were selected anew, or none, are no kept ones any more.
      if (changed && chosen && !(now && now.name)) set("kept-select", {value: ""});
      if (changed) requestAnimationFrame(() => SIDES.forEach(mark));
      const kept = !!(here && now.name && now.name === chosen);
      return [!here && (options || []).length < 2, !here, !kept, !kept];
    },

    keptAsk(clicks, now) {
      return clicks && now && now.name ? {run: now.run, name: now.name, digest: now.digest} : skip();
    },
  });
})();
