// The stage "All heads": what the server sends is taken in, and what follows from it is drawn.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {skip} = window.headscope, {state} = all;
  const raw = {};  // what was sent last, and is decoded already

  const flat = table => table.flat();
  const decoded = {
    points: sent => ({...sent, ...each(sent, role => all.decode(role, Uint16Array)), fitted: [...sent.fitted]}),
    colours: sent => ({...sent, ...each(sent, c => ({...c, levels: c.levels && all.decode(c.levels, Uint8Array)}))}),
    values: sent => ({...sent, numbers: Object.fromEntries(
      Object.entries(sent.numbers).map(([name, rows]) => [name, flat(rows)]))}),
    hits: sent => ({...sent, ...each(sent, role => all.decode(role, Uint16Array)), gathered: flat(sent.gathered)}),
    attention: sent => ({...sent, levels: all.decode(sent.levels, Uint8Array)}),
  };
  const each = (sent, make) => Object.fromEntries(["query", "key"].map(role => [role, make(sent[role])]));

  function take(name, sent, into = name) {
    if (raw[name] === sent) return;
    raw[name] = sent;
    state[into] = sent && decoded[name](sent);
  }

  // The maps that were just fitted take the places of their previews.
  function fitIn(more) {
    const {tiles} = state;
    if (!more || !tiles || more.run !== tiles.run || more.method !== tiles.method || tiles.shared) return;
    const heads = more.heads.map(([layer, head]) => layer * tiles.heads + head);
    for (const role of ["query", "key"]) {
      const values = all.decode(more[role], Uint16Array), each = 2 * all.countOf(tiles, role);
      heads.forEach((at, i) => tiles[role].set(values.subarray(i * each, (i + 1) * each), at * each));
    }
    for (const at of heads) tiles.fitted[at] = 1;
    all.hover(null);
    all.redraw(heads);
  }

  function stripTitle() {
    if (["close", "far"].includes(state.order)) return state.hits ? "Found token" : "Find a token to rank heads by it";
    const title = state.values && state.values.titles[state.score];
    return title || "This score is not measured yet";
  }

  window.headscope.callbacks({
    allAsk(stage, run, method, show, _made, asked) {
      if (!run || stage !== "all" || show === "attention") return skip();
      if (asked && asked.run === run.key && asked.method === method) return skip();
      return {run: run.key, method};
    },

    allDraw(points, colours, values, hits, attention, show, heat, score, least, order) {
      take("points", points, "tiles");
      for (const [name, sent] of Object.entries({colours, values, hits, attention})) take(name, sent);
      Object.assign(state, {show, heat, score, order});
      state.least = least === null || least === undefined || least === "" ? null : Number(least);
      all.forget();  // a card that is shown tells what was
      all.later();
      return stripTitle();
    },

    allMore(more) { fitIn(more); },
  });
  window.headscope.onHead(() => requestAnimationFrame(all.frames));
})();
