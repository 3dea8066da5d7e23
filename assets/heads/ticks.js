// Names beside the rows and columns of a heatmap of tokens: where they would lie on each other, only
// every second, third ... is shown. Zoomed in, the others come back.
(() => {
  // Every how manieth name of an axis there is room for.
  function every(axis) {
    const at = axis.tickvals;
    if (axis.tickmode !== "array" || !at || at.length < 3) return 1;
    const apart = Math.abs((axis.d2p(at[1]) - axis.d2p(at[0])));
    return apart > 0 ? Math.max(1, Math.ceil(1.15 * axis.tickfont.size / apart)) : 1;
  }

  const named = gd => gd._fullLayout.xaxis && gd._fullLayout.xaxis.tickangle === -90
    && gd._fullData.some(trace => trace.type === "heatmap");

  function thin(gd) {
    if (!window.headscope.ready(gd) || !named(gd)) return;
    for (const letter of ["x", "y"]) {
      const axis = gd._fullLayout[`${letter}axis`], step = every(axis);
      for (const tick of gd.querySelectorAll(`.${letter}tick`))
        tick.style.display = axis.tickvals.indexOf(tick.__data__.x) % step ? "none" : "";
    }
  }

  // The same for a layout that is about to be saved as a picture.
  function thinned(gd, layout) {
    if (!named(gd)) return;
    for (const name of ["xaxis", "yaxis"]) {
      const axis = gd._fullLayout[name], step = every(axis), keep = (_, i) => i % step === 0;
      if (step > 1) Object.assign(layout[name], {tickvals: axis.tickvals.filter(keep), ticktext: axis.ticktext.filter(keep)});
    }
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
  Object.assign(window.headscope, {thinned});
})();
