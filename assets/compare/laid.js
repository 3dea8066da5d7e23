// B's map, laid over that of A or not: the switch that says so, and zoom and pan of both together.
(() => {
  const {byId, set, comparing, plot} = window.headscope;
  const equal = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  let insisted = false;  // the switch was put on before it was known how far apart the maps are

  const laid = gd => gd && gd.layout.meta && gd.layout.meta.laid;
  const seen = gd => gd && gd.offsetParent;
  const led = new WeakMap();  // how many turns of a plot in space are under way that are ours

  function follow(from, to) {
    const [a, b] = [plot(`qk-map${from}`), plot(`qk-map${to}`)];
    if (!seen(a) || !seen(b) || !laid(plot("qk-map-b")) || !comparing()) return;
    if (!a._fullLayout.scene && !b._fullLayout.scene) { window.headscope.section.copy(a, b); return; }
    if (!a._fullLayout.scene || !b._fullLayout.scene || equal(a._fullLayout.scene.camera, b._fullLayout.scene.camera)) return;
    led.set(b, (led.get(b) || 0) + 1);
    window.Plotly.relayout(b, {"scene.camera": a._fullLayout.scene.camera}).finally(() => led.set(b, led.get(b) - 1));
  }

  // Somebody moved the map of a column: the other shows the same part, as large as it can. What only
  // followed leads nothing.
  function lead(side, change) {
    const gd = plot(`qk-map${side}`);
    const moved = gd._fullLayout.scene ? !led.get(gd) : window.headscope.section.moved(gd, change);
    if (moved) follow(side, side ? "" : "-b");
  }

  // A map was drawn. A keeps what it shows, and B follows while it is laid over A.
  function settle(side) {
    const gd = plot(`qk-map${side}`);
    if (!gd) return;
    if (!(side && laid(gd) && comparing())) window.headscope.section.keep(gd);
    follow("", "-b");
    if (side) tellLaid(gd);
  }

  // The switch says how B's map was drawn.
  function tellLaid(gd) {
    const on = !!laid(gd);
    if (insisted && !on && gd.layout.meta && gd.layout.meta.apart) {
      insisted = false;
      set("b-anyway", {value: true});
      return;
    }
    insisted = insisted && !on;
    if (byId("b-laid").checked !== on) set("b-laid", {value: on});
  }

  Object.assign(window.headscope, {follow, lead, settle});

  window.headscope.callbacks({
    // Somebody pressed the switch, unless it only says what is drawn: B's map is laid over A however
    // far apart they are, or no more.
    secondLaid(on) {
      const gd = plot("qk-map-b");
      if (!gd || on === !!laid(gd)) return;
      if (gd.layout.meta && gd.layout.meta.apart) set("b-anyway", {value: on});
      else if (on && byId("b-align").checked) set("b-laid", {value: false});  // the note says why not
      else {
        insisted = on;
        set("b-align", {value: on});
      }
    },
  });
})();
