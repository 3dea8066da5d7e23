// The stage "Corpus": what is asked for, which head is looked at, clicks in its grid and its scatter.
(() => {
  const {attach, byId, frame, hear, openHead, plot, set, skip, triggered} = window.headscope;

  let wish = null;  // the query to select once its text is open

  const later = action => requestAnimationFrame(() => { attachAll(); action(); });

  // A ring round the open head's point in the scatter.
  function ring() {
    const gd = plot("corpus-scatter");
    if (!gd) return;
    const layer = +byId("layer-select").value, head = +byId("head-select").value, [trace] = gd._fullData;
    const at = (gd.layout.meta ? gd.layout.meta.heads : []).findIndex(([l, h]) => l === layer && h === head);
    let box = gd.querySelector(":scope > .corpus-ring");
    if (!box) {
      box = document.createElement("div");
      box.className = "corpus-ring";
      gd.appendChild(box);
    }
    const {xaxis, yaxis, _size: size} = gd._fullLayout;
    const x = at < 0 ? NaN : xaxis.d2p(trace.x[at]), y = at < 0 ? NaN : yaxis.d2p(trace.y[at]);
    box.hidden = !(x >= 0 && x <= size.w && y >= 0 && y <= size.h);  // no such point, or zoomed away
    if (!box.hidden) window.headscope.lay(box, xaxis._offset + x - 9, yaxis._offset + y - 9, 18, 18);
  }

  const side = event => (event && event.shiftKey && window.headscope.comparing() ? "-b" : "");

  function attachAll() {
    const grid = plot("corpus-grid"), scatter = plot("corpus-scatter");
    if (attach(grid, {click: e => openHead(e.points[0].y, e.points[0].x, side(e.event))})) {
      hear(grid, "afterplot", () => frame("corpus-grid"));
      frame("corpus-grid");
    }
    const chosen = e => {
      const at = scatter.layout.meta.heads[e.points[0].pointNumber];
      if (at) openHead(...at, side(e.event));
    };
    if (attach(scatter, {click: chosen})) {
      for (const name of ["afterplot", "relayout", "relayouting"]) hear(scatter, name, ring);
      ring();
    }
    for (const name of ["spread", "classes"]) attach(plot(`corpus-${name}`));
  }

  window.headscope.onHead(() => byId("corpus-grid") && later(() => { frame("corpus-grid"); ring(); }));

  // Open a text that was kept, in the stage Heads, on the same head.
  function go(text) {
    const options = [...byId("text-select").options].map(o => ({value: o.value, label: o.text}));
    if (!options.some(({value}) => value === text)) options.splice(-1, 0, {value: text, label: "Of the corpus"});
    set("text-select", {options, value: text});
    set("stage-select", {value: "heads"});
    window.scrollTo(0, 0);
  }

  function select() {
    const {run} = window.headscope;
    if (!wish || !run || run.text !== wish.text) return;
    set("selection", {data: {role: "query", token: wish.query}});
    wish = null;
  }

  document.addEventListener("click", e => {
    const button = e.target.closest(".corpus-sequence"), row = button && button.closest(".corpus-example");
    const at = row && window.headscope.corpusHead;
    if (at) set("corpus-sequence", {data: {...at, number: +row.dataset.number}});
  });

  window.headscope.callbacks({
    corpusView(shown) {
      requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
      return window.dash_clientside.callback_context.outputs_list.map(({id}) => id !== `corpus-view-${shown}`);
    },

    // The open head in the findings, for what is shown of it: what is hidden asks for nothing.
    corpusAt(name, head, view, ...known) {
      const at = name && head ? {...head, name} : null;
      const same = before => JSON.stringify(before) === JSON.stringify(at);
      window.headscope.corpusHead = at;
      return window.dash_clientside.callback_context.outputs_list.map(({id}, i) => {
        const shown = ["corpus-at-head", `corpus-at-${view}`].includes(id);
        return !at || !shown || same(known[i]) ? skip() : at;
      });
    },

    // Whether the fields of dropped files, of their slices, and the losses are hidden.
    corpusFields: (which, by, run) => [
      which !== "drop" && !/^corpus-/.test(which || ""), by !== "field", !run || run.model.task !== "causal",
    ],

    corpusAsk(_, run, corpus, field, by, slices, tokens, loss, rules) {
      if (!run) return skip();  // the page says so of every button that starts something
      if (corpus === "drop") {
        window.headscope.say("Drop some texts first, or choose another corpus.");
        return skip();
      }
      window.headscope.messages.close();
      const said = words => (words || "").trim();
      return {
        run: run.key, corpus, field: said(field), by, slices: said(slices), tokens: +tokens,
        loss: !!loss && run.model.task === "causal", rules: said(rules),
      };
    },

    // Which findings there are is asked for when the stage shows another run, and when a job is done.
    corpusOffer(run, done, _address) {
      if (!run) return skip();
      const made = triggered("corpus-measured") && done && done.spec === run.spec;
      return {run: run.key, new: made ? done.name : null};
    },

    corpusSample: (_, name) => (name ? {name} : skip()),
    corpusGo: sampled => sampled && go(sampled.text),
    corpusGoTo(going) {
      if (!going) return;
      wish = going;
      go(going.text);
      select();
    },
    corpusArrive: () => requestAnimationFrame(select),
  });

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
})();
