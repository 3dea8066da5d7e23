// Names beside the rows and columns of a heatmap of tokens: where they would lie on each other, only
// every second, third ... stands there, with a mark at its place. Zoomed in, the others come back.
(() => {
  // Of how many names there is room for one.
  function every(axis) {
    const apart = Math.abs(axis.d2p(1) - axis.d2p(0));
    return apart > 0 ? Math.max(1, Math.ceil(1.15 * axis.tickfont.size / apart)) : 1;
  }

  const named = gd => window.headscope.ready(gd) && gd._fullLayout.xaxis && gd._fullLayout.xaxis.labelalias
    && gd._fullData.some(trace => trace.type === "heatmap");

  function thin(gd) {
    if (!named(gd)) return;
    const change = {};
    for (const name of ["xaxis", "yaxis"]) {
      const axis = gd._fullLayout[name], step = every(axis);
      if (axis.dtick !== step) change[`${name}.dtick`] = step;
    }
    if (Object.keys(change).length) window.Plotly.relayout(gd, change);  // redraws the names alone
  }

  function attachAll() {
    for (const gd of document.querySelectorAll(".js-plotly-plot")) {
      if (gd.dataset.ticks || !gd.on) continue;
      gd.dataset.ticks = "yes";
      for (const name of ["afterplot", "relayout"]) window.headscope.hear(gd, name, () => thin(gd));
      thin(gd);
    }
  }

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
  Object.assign(window.headscope, {every});
})();
