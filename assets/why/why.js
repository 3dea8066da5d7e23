// The stage "Why": what is asked for, how one gets there, clicks in its grids and its table.
(() => {
  const {attach, byId, openHead, plot, set, skip, triggered} = window.headscope;

  let wish = null;   // an edge or a kind that somebody asked "Why?" of, until the stage takes it
  let going = false; // whether what the fields say next is to be explained at once

  // The edge of a selection: its passage from 1, and places in it from 0. Null without both tokens.
  function edgeOf(selection) {
    const {tokens} = window.headscope.state;
    if (!selection || selection.token == null || selection.other == null || !tokens || tokens.keys) return null;
    const [query, key] = selection.role === "query" ? [selection.token, selection.other] : [selection.other, selection.token];
    const passage = tokens.passage[query];
    if (passage !== tokens.passage[key] || passage >= (tokens.own ?? Infinity)) return null;
    const start = tokens.starts[passage];
    return {kind: "edge", passage: passage + 1, query: query - start, key: key - start};
  }

  document.addEventListener("click", e => {
    const why = e.target.closest(".to-why");
    if (why) {
      wish = why.dataset.kind === "edge" ? edgeOf(window.headscope.state.selection) : {kind: "strongest"};
      going = !!wish;
      set("stage-select", {value: "why"});
    }
    const without = e.target.closest(".why-without");
    if (without) {
      set("stage-select", {value: "heads"});
      set("compare-toggle", {active: true});
      set("b-wish", {data: {model: "", text: "", off: without.dataset.off, method: "mean"}});
      const [, layer, head] = /^L(\d+)H(\d+)$/.exec(without.dataset.head || "") || [null, shown().layer, shown().head];
      if (without.dataset.head) openHead(layer, head);
      set("layer-select-b", {value: String(layer)});
      set("head-select-b", {value: String(head)});
    }
  });

  const shown = () => ({layer: +byId("layer-select").value, head: +byId("head-select").value});

  // Whether a selected edge can be explained from here.
  function offer() {
    for (const button of document.querySelectorAll(".to-why[data-kind=edge]"))
      button.hidden = !edgeOf(window.headscope.state.selection);
  }
  window.headscope.onSelection(() => requestAnimationFrame(offer));

  const whole = value => (value === "" || value == null || !/^-?\d+$/.test(String(value)) ? null : +value);

  window.headscope.callbacks({
    // Which views are hidden, in the order of the places.
    whyView(shown) {
      const places = [].concat(window.dash_clientside.callback_context.outputs_list);
      const hidden = places.map(({id}) => id !== `why-view-${shown}`);
      return hidden.length > 1 ? hidden : hidden[0];
    },

    whyFields: (kind, rule) => [kind !== "edge", kind !== "rule", rule !== "offset"],

    whyReady: head => [!head, !head],

    // What was asked for elsewhere, or the selected edge where the fields are still empty.
    whyArrive(stage, run, kind, passage, query, key) {
      if (stage !== "why" || !run) return [skip(), skip(), skip(), skip()];
      const empty = whole(query) === null && whole(key) === null;
      const next = wish || (kind === "edge" && empty && edgeOf(window.headscope.state.selection));
      wish = null;
      if (!next) return [skip(), skip(), skip(), skip()];
      if (next.kind !== "edge") return [next.kind, skip(), skip(), skip()];
      return [next.kind, next.passage, next.query, next.key];
    },

    whyAsk(_start, _every, run, head, kind, passage, query, key, rule, offset, method, lasso) {
      const pressed = triggered("why-start") || triggered("why-every");
      if (!run || !head || head.run !== run.key || !(pressed || (going && !wish))) return skip();
      going = false;
      const [at, i, j] = [whole(passage), whole(query), whole(key)];
      const edge = kind === "edge" && at > 0 && i >= 0 && j >= 0 && i !== null && j !== null ? [at - 1, i, j] : null;
      const some = kind === "picked" && lasso && lasso.run === run.key ? lasso : {queries: [], keys: []};
      return {
        ...head, kind, edge, queries: some.queries, keys: some.keys, rule, offset: whole(offset) ?? -1, method,
        every: triggered("why-every"),
      };
    },

    whySeen(frame, done, before) {
      const next = triggered("why-match") ? done : frame;
      if (!next || (before && before.name === next.name && before.run === next.run)) return skip();
      const {run, layer, head, name} = next;
      return {run, layer, head, name};
    },
  });

  function attachAll() {
    for (const id of ["why-grid-query", "why-grid-key"])
      attach(plot(id), {click: ({points: [point]}) => openHead(point.y, point.x)});
    attach(plot("why-bars"));
  }

  new MutationObserver(attachAll).observe(document.documentElement, {childList: true, subtree: true});
})();
