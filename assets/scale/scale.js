// The stage "Scale c": what is asked for, clicks in its grids and maps.
(() => {
  const {attach, byId, openHead, plot, set, skip, triggered} = window.headscope;

  window.headscope.callbacks({
    // While the stage is shown: what it shows; once its button is pressed the scan of all heads;
    // where that is there, the maps of a head that were not laid out yet.
    scaleAsk(stage, run, layer, head, method, which, theme, _start, _lay, _made, empty, maps) {
      if (!run || stage !== "scale") return [skip(), skip(), skip()];
      const wanted = {run: run.key, layer: +layer, head: +head, method};
      const asked = maps && Object.keys(wanted).every(name => maps[name] === wanted[name]);
      return [
        {...wanted, which, theme},
        triggered("scale-start") ? {run: run.key} : skip(),
        empty !== false || (asked && !triggered("scale-maps-start")) ? skip() : wanted,
      ];
    },

    scaleMethods(_plain, _slow, view) {
      if (!view) return skip();
      const {run, layer, head} = view;
      return {run, layer, head, tsne: triggered("scale-methods-tsne")};
    },
  });

  // A small map opens large, a head of a grid opens here.
  const CLICKS = {
    "scale-grids": ({points: [point]}) => openHead(point.y, point.x),
    "scale-curves": () => {},
    "scale-small": ({points: [point]}) => {
      set("method-select", {value: byId("scale-method").value});
      set("scale-select", {value: point.data.meta});
      set("dims-select", {value: "2"});
      set("stage-select", {value: "heads"});
    },
  };

  function attachAll() {
    for (const [id, click] of Object.entries(CLICKS)) attach(plot(id), {click});
  }

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
})();
