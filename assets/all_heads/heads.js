// What the stage "All heads" knows of every head, for the other scripts of this folder. `at` is a
// head's place, counted through all layers.
(() => {
  const all = window.headscope.allHeads ||= {};
  const {byId} = window.headscope;
  const DIM = 0.12;
  const state = {
    tiles: null, colours: null, values: null, hits: null, attention: null,
    show: "maps", heat: "one", score: "", least: null, starred: false, order: "high",
  };

  const valueOf = (name, at) => {
    if (name === "gathered") return state.hits ? state.hits.gathered[at] : null;
    const rows = state.values && state.values.numbers[name];
    return rows ? rows[at] : null;
  };

  Object.assign(all, {
    state,
    DIM,
    valueOf,
    // How many points of a role were sent.
    countOf: (sent, role) => (role === "key" ? sent.key_count : sent.count),
    // What is drawn: all maps, or attention of a passage.
    shown: () => (state.show === "maps" ? state.tiles : state.attention),
    // Whether what is drawn is of the open text.
    current() {
      const sent = all.shown(), run = window.headscope.run;
      return !!(sent && run && sent.run === run.key && (state.show !== "maps" || coloured(sent)));
    },
    placed: at => [Math.floor(at / all.shown().heads), at % all.shown().heads],
    nameOf: at => all.placed(at).map((n, i) => "LH"[i] + n).join(""),
    number: value => (value === null || value === undefined ? "–" : window.headscope.fixed(value, 2)),
    preview: at => state.show === "maps" && !state.tiles.fitted[at],
    starred: at => window.headscope.starredAt(at, all.shown().heads),
    dimmed(at) {
      if (state.starred && !all.starred(at)) return true;
      if (state.least === null) return false;
      const value = valueOf(state.score, at);
      return value === null || value === undefined || value < state.least;
    },
    decode(base64, type) {
      const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
      return new type(bytes.buffer);
    },
    // Open a head, in B with `second`, as it is seen here: with this map, and the token that was found.
    open(at, second) {
      const {openHead, set} = window.headscope;
      openHead(...all.placed(at), second ? "-b" : "");
      if (second) set("compare-toggle", {active: true});
      if (state.show === "maps") {
        set("method-select", {value: byId("all-method").value});
        set("colour-select", {value: byId("all-colour").value});
        if (byId("all-find").value) set("token-search", {value: byId("all-find").value});
      }
      all.hover(null);
      set("stage-select", {value: "heads"});
    },
  });

  // Points and colours of one moment: another text may be on its way.
  const coloured = tiles => state.colours && state.colours.run === tiles.run && ["query", "key"].every(role => {
    const {levels} = state.colours[role];
    return !levels || levels.length * 2 === tiles[role].length;
  });

  window.headscope.callbacks({
    allStarred(only) { state.starred = !!only; all.later(); },
  });
})();
