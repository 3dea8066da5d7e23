// Layers of a large model that are not stored (components/heads/other_layers.py): what asks for one
// gets a dialog that says what it costs, and once it is computed its head is shown.
(() => {
  const {byId, set, skip} = window.headscope;
  let wanted = null;  // the layer to show once it is stored, and of which model and text

  // The dialog, for a layer that something asked for, or for the first that is not stored.
  function ask(layer, head, asked = true) {
    const {run} = window.headscope, missing = window.headscope.counted(run.model.layers).filter(({value}) => !run.held.includes(+value));
    const chosen = missing.find(({value}) => +value === +layer) || missing[0];
    if (!chosen) return;
    if (head !== null) set("head-select", {value: String(head)});
    set("layer-dialog", {is_open: true});
    set("layer-other", {options: missing, value: chosen.value});
    set("layer-lost", {children: asked ? `Layer ${chosen.value} of ${run.model.name} is not stored.` : ""});
  }

  Object.assign(window.headscope, {
    askForLayer: ask,

    // Which layer is shown of a run that was opened: what was computed for it, or else the one that is
    // shown already. If an address names one that is not stored, the page asks.
    layerOf(run, layer) {
      const place = byId("layer-others-place");
      if (place) place.hidden = !run.held;  // the stage may not be made yet
      const meant = wanted && wanted.model === run.spec && wanted.text === run.text && window.headscope.isStored(run, wanted.layer);
      const computed = meant ? wanted.layer : layer;
      const first = !window.headscope.run, near = window.headscope.nearestStored(run, computed);
      wanted = null;
      if (first && near !== +layer && new URLSearchParams(location.search).has("layer"))
        setTimeout(() => ask(layer, null));
      return String(near);
    },
  });

  window.headscope.callbacks({
    otherLayers(clicks) {
      if (clicks) ask(null, null, false);
      return skip();
    },
    computeLayer(clicks, layer) {
      const {run} = window.headscope;
      if (!clicks || !run || !run.held || layer === "") return skip();
      set("layer-dialog", {is_open: false});
      wanted = {layer: +layer, model: run.spec, text: run.text};
      return window.headscope.askWith([...run.held, +layer]);
    },
  });
})();
