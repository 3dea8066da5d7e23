// The induction lab: what is asked for, clicks in its grids and table.
(() => {
  const {attach, byId, card, openHead, ready, set, skip, triggered} = window.headscope;

  const whole = value => (value === null || value === undefined || value === "" ? null : Number(value));

  // Which of the options remain, and the value that is nearest to what was chosen.
  function fit(options, names, value) {
    const left = options.filter(o => names.includes(o.value));
    return [left, names.includes(value) ? value : names[0]];
  }

  const names = text => (text || "").toUpperCase().match(/L\d+H\d+/g) || [];

  // ---- what stands where nothing is shown yet

  let measured = null, kinds = null;

  function tell(what) {
    const [lead, why] = kinds.words[what];
    set("lab-empty-lead", {children: lead});
    set("lab-empty-why", {children: why});
  }

  // It ended without a result: it was cancelled, or is not possible. A result comes about when its job ends.
  const ended = new MutationObserver(() => setTimeout(() => {
    const {run} = window.headscope;
    if (byId("lab-measured-job").hidden && !(measured && run && measured.spec === run.spec)) tell("nothing");
  }, 300));

  function measuring() {
    tell("measuring");
    ended.observe(byId("lab-measured-job"), {attributes: true, attributeFilter: ["hidden"]});
  }

  const framed = () => { if (byId("lab-off")) later(); };

  window.headscope.callbacks({
    // Fit the choices to the open model, and ask for a measurement: on a click, or when the lab
    // shows a model for the first time.
    labAsk(_clicks, stage, run, protocol, _made, design, trials, length, seed, asked, offered) {
      if (!run) return Array(6).fill(skip());
      kinds = offered;
      const m = run.model, can = m.weights && !m.part && (m.causal || m.mask_id !== null);
      const protocols = fit(kinds.protocols, m.causal ? ["corrected"] : ["corrected", "as published"], protocol);
      const possible = m.causal ? kinds.causal : protocols[1] === "corrected" ? kinds.masked : kinds.published;
      const designs = fit(kinds.designs, possible, design);
      const options = {
        design: designs[1], protocol: protocols[1], trials: whole(trials) || 50,
        length: whole(length), seed: whole(seed) || 0,
      };
      const wanted = can && stage === "lab"
        && (triggered("lab-start") || !asked || asked.spec !== run.spec);
      if (wanted) {
        window.headscope.messages.close();
        measuring();
      }
      return [...designs, ...protocols, !can, wanted ? {spec: run.spec, options} : skip()];
    },

    labFound(found) { measured = found; },
    labOpen() { set("stage-select", {value: "lab"}); },
    labToMap() { set("stage-select", {value: "heads"}); },

    labPin(_clicks, layer, head) {
      openHead(layer, head, "-b");
      set("compare-toggle", {active: true});
      set("stage-select", {value: "heads"});
    },

    labRow(cell) {
      const place = cell && /^L(\d+)H(\d+)$/.exec(cell.rowId);
      if (place) openHead(place[1], place[2]);
    },

    labFrames: framed,
  });
  window.headscope.onHead(framed);

  // ---- trials of the open head: asked for anywhere on the page

  // The Lab may have to be made first, and to measure; who goes elsewhere meanwhile stays there.
  function toTrials(seen) {
    const stage = byId("stage-lab"), title = byId("lab-head-title");
    if (stage.hidden && seen) return;
    if (!title || !title.offsetParent) { setTimeout(toTrials, 150, !stage.hidden); return; }
    set("lab-readout", {value: window.headscope.run.model.causal ? "prefix_matching" : "retrieval"});
    title.closest(".panel").scrollIntoView({block: "start"});
  }

  document.addEventListener("click", e => {
    if (!e.target.closest(".to-trials") || !window.headscope.run) return;
    set("stage-select", {value: "lab"});
    const choose = () => (byId("lab-view") ? set("lab-view", {value: "heads"}) : setTimeout(choose, 50));
    choose();
    toTrials(false);
  });

  // ---- plots: clicks, and frames round the open heads

  function frame(gd) {
    const on = names(byId("lab-off").value), chooser = gd.closest("#lab-choose");
    const open = `L${byId("layer-select").value}H${byId("head-select").value}`;
    gd.querySelectorAll(":scope > .head-frame").forEach(box => box.remove());
    const z = gd._fullData[0].z;
    for (const name of chooser ? on : [open]) {
      const [layer, head] = name.match(/\d+/g).map(Number);
      if (!z[layer] || head >= z[layer].length) continue;
      const box = document.createElement("div");
      box.className = `head-frame${chooser ? " head-off" : ""}`;
      window.headscope.lay(box, ...window.headscope.cell(gd, layer, head));
      gd.appendChild(box);
    }
  }

  function toggleOff(layer, head) {
    const name = `L${layer}H${head}`, now = names(byId("lab-off").value);
    const next = now.includes(name) ? now.filter(n => n !== name) : [...now, name];
    set("lab-off", {value: next.join(", ")});
  }

  function clicked(gd, event) {
    const {x, y} = event.points[0], grid = gd.closest(".lab-grid");
    if (gd.closest("#lab-choose")) { toggleOff(y, x); return; }
    openHead(y, x);
    if (grid && grid.dataset.readout) set("lab-readout", {value: grid.dataset.readout});
  }

  function attachAll() {
    for (const gd of document.querySelectorAll("#stage-lab .js-plotly-plot")) {
      if (!ready(gd)) continue;
      const heads = gd.closest(".lab-grid, #lab-choose");
      const {id} = gd.closest(".plot");
      const handlers = heads ? {click: event => clicked(gd, event), afterplot: () => frame(gd)}
        : id === "lab-matrix" ? card.hears(id) : {};
      if (attach(gd, handlers) && heads) frame(gd);
    }
  }

  function later() {
    requestAnimationFrame(() => {
      attachAll();
      document.querySelectorAll(".lab-grid .js-plotly-plot, #lab-choose .js-plotly-plot")
        .forEach(gd => { if (ready(gd)) frame(gd); });
    });
  }

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
})();
