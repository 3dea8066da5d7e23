// The view "A graph of heads" of the stage "Why": what is asked for, and clicks on its heads.
(() => {
  const {attach, openHead, plot, skip, triggered} = window.headscope;

  const whole = value => (value === "" || value == null || !/^-?\d+$/.test(String(value)) ? null : +value);
  const EDGES = ["run", "kind", "rule", "offset", "method"];

  window.headscope.callbacks({
    graphFields: (kind, rule) => [kind !== "rule", rule !== "offset"],

    // What can't be measured in the open model is not left chosen.
    graphKind(options, kind) {
      const possible = options.filter(each => !each.disabled).map(each => each.value);
      return possible.includes(kind) ? skip() : possible[0];
    },

    graphAsk(_start, head, run, kind, rule, offset, method, only) {
      if (!run || !head || head.run !== run.key) return skip();
      return {run: run.key, kind, rule, offset: whole(offset) ?? -1, method, only: only ? [head.layer, head.head] : null};
    },

    graphSeen(frame, done, before) {
      const next = triggered("why-graph") && !triggered("why-graph-frame") ? done : frame;
      if (!next || (before && before.name === next.name && before.run === next.run)) return skip();
      const {needs, ...seen} = next;
      return seen;
    },

    // Along the edges of the graph that is drawn, whatever the fields say by now.
    graphWithout(_take, seen, off) {
      const at = /^L(\d+)H(\d+)$/.exec(off || "");
      if (!seen || !at) return skip();
      return {...Object.fromEntries(EDGES.map(name => [name, seen[name]])), off: [+at[1], +at[2]]};
    },
  });

  function clicked({points: [point]}) {
    if (point.customdata) openHead(...point.customdata);
  }

  new MutationObserver(() => attach(plot("why-graph-plot"), {click: clicked}))
    .observe(document.documentElement, {childList: true, subtree: true});
})();
